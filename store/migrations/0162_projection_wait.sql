-- The wait for a second issue is a term of the rule like the others, so that a county can see and change it.
update rule set terms = terms || '{"wait_min": 20}' where kind = 'projection' and not terms ? 'wait_min';
