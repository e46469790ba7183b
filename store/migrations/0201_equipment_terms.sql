-- Terms that may be set are named, also where nothing is set yet (null: nothing).
update rule set terms = terms || '{"own": null}' where kind in ('silence', 'battery');
update rule set terms = terms || '{"refused_s": 3600}' where kind = 'clock';
update rule set terms = terms || '{"share_off": 0.3}' where code = 'link_telemetry';
