-- Who refers to a message is asked for every open page.
create index on weather_warning_reference (identifier);
