-- What a camera last said of its stream, and what is needed to list and retry the quarantine quickly.

alter table camera_state add column stream text;
comment on column camera_state.stream is 'address its pictures were last said to be watched at, checked by its scheme';

create index on camera_snapshot (camera, exercise, id desc);

-- Not even an operator changes what was received.
comment on column quarantine.payload is 'the message as received; never changed, not even by a retry';
