-- Who watches us: the canary gauge, apart from all gauges and all people, and who looks from another machine.

alter table station drop constraint station_kind_check;
alter table station add constraint station_kind_check
    check (kind in ('PP', 'ZZ', 'ZQ', 'RR', 'DD', 'TT', 'DP', 'MM', 'CC'));
comment on column station.kind is 'as SL 323; CC is the canary, which measures nothing';

insert into rule (code, class, property, kinds, card, source) values
('canary', 'equipment', 'station_status', '{CC}', '{
  "zh": {"cause": "系统自检：金丝雀测站每分钟报一次越限。", "consequence": "无。这不是汛情。",
         "action": "无需处理，由系统自动应答。", "within": "自动。"},
  "en": {"cause": "Self-test: the canary gauge crosses its limit once a minute.", "consequence": "None. This is no flood.",
         "action": "Nothing to do: the system answers itself.", "within": "By itself."}}',
 'ours: proof of the chain from MQTT to dispatch');

-- The order of the canary goes to nobody; nobody else's order goes to it.
alter table order_recipient drop constraint order_recipient_recipient_kind_check;
alter table order_recipient add constraint order_recipient_recipient_kind_check
    check (recipient_kind in ('person', 'device', 'canary'));
alter table delivery drop constraint delivery_recipient_kind_check;
alter table delivery add constraint delivery_recipient_kind_check
    check (recipient_kind in ('person', 'device', 'canary'));
alter table delivery add constraint canary_apart
    check ((recipient_kind = 'canary') = (exercise is not distinct from 'canary'));
-- Whatever channels there are by now, and the canary's.
do $$
declare
    found record;
begin
    for found in
        select conrelid::regclass as relation, conname as name, pg_get_constraintdef(oid) as definition
        from pg_constraint where conname in ('delivery_channel_check', 'order_recipient_channel_check')
    loop
        execute format('alter table %s drop constraint %I', found.relation, found.name);
        execute format('alter table %s add constraint %I %s', found.relation, found.name,
                       replace(found.definition, 'ARRAY[', 'ARRAY[''canary''::text, '));
    end loop;
end
$$;
alter table order_recipient add constraint order_recipient_canary_apart
    check ((recipient_kind = 'canary') = (channel = 'canary'));
alter table delivery add constraint delivery_canary_channel
    check ((recipient_kind = 'canary') = (channel = 'canary'));
create index delivery_canary on delivery (due_at) where recipient_kind = 'canary' and due_at is not null;

-- What the canary did is let go after a day; of all else history is only added to.
create function refuse_change_but_of_canary() returns trigger language plpgsql as $$
begin
    if tg_table_name = 'alarm_event'
        and exists (select from alarm where id = (to_jsonb(old) ->> 'alarm')::bigint and exercise = 'canary')
        or tg_table_name = 'order_event'
        and exists (select from orders where id = (to_jsonb(old) ->> 'order_id')::bigint and exercise = 'canary')
    then
        return old;
    end if;
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;
drop trigger append_only on alarm_event;
create trigger append_only before update or truncate on alarm_event
    for each statement execute function refuse_change();
create trigger append_only_but_canary before delete on alarm_event
    for each row execute function refuse_change_but_of_canary();
drop trigger append_only on order_event;
create trigger append_only before update or truncate on order_event
    for each statement execute function refuse_change();
create trigger append_only_but_canary before delete on order_event
    for each row execute function refuse_change_but_of_canary();

-- Who looks at us from outside (`anlan watch`), and what it says of its own way to call.
create table watcher (
    name      text primary key,
    looked_at timestamptz not null,
    asked_at  timestamptz not null,
    address   text not null,
    detail    jsonb not null default '{}'
);
comment on column watcher.asked_at is 'by the watcher''s own clock: an older question is no new look';
