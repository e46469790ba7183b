-- Wall screens sign in by an API token: a session belongs to a user or to a token. Ended sessions are
-- kept for a while (`expires_at` in the past), since a browser that once signed in as somebody is not
-- held up by the failures of strangers on that name.

alter table session alter column user_name drop not null;
alter table session add column token_name text references api_token on update cascade on delete cascade;
alter table session add constraint session_holder check ((user_name is null) <> (token_name is null));
create index on session (user_name);

alter table login_attempt add column browser bytea;
comment on column login_attempt.browser is 'hash of the session by which the browser was known, if it was';

alter table api_token add column created_by text not null default 'cli';

-- Whoever is shut out must see it at once: open pages listen to the kind `user`.
create trigger announce_end after update of expires_at on session
    for each row execute function announce_change('user', 'user_name');
create trigger announce after update of revoked_at, role, area or delete on api_token
    for each row execute function announce_change('user', 'name');
