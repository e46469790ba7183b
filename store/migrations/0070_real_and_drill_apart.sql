-- Real and drill never share a row, whoever writes it: a delivery belongs to the exercise of its order,
-- an order to that of its alarm. Dispatch dials the real phone of a real delivery; a row without the
-- exercise of its order would carry an exercise to it.
create function delivery_stays_in_its_exercise() returns trigger language plpgsql as $$
begin
    if new.exercise is distinct from (select exercise from orders where id = new.order_id) then
        raise exception 'a delivery belongs to the exercise of its order (%): real and drill are never mixed',
            new.order_id using errcode = 'check_violation';
    end if;
    if new.escalated_from is not null and not exists (
        select from delivery where id = new.escalated_from and order_id = new.order_id) then
        raise exception 'a delivery is escalated from one of the same order (%)',
            new.order_id using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger delivery_stays_in_its_exercise
    before insert or update of order_id, exercise, escalated_from on delivery
    for each row execute function delivery_stays_in_its_exercise();

create function order_stays_in_its_exercise() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.exercise is distinct from old.exercise then
        raise exception 'an order stays in its exercise (%)', new.id using errcode = 'check_violation';
    end if;
    if new.alarm is not null
        and new.exercise is distinct from (select exercise from alarm where id = new.alarm) then
        raise exception 'an order belongs to the exercise of its alarm (%): real and drill are never mixed',
            new.alarm using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger order_stays_in_its_exercise
    before insert or update of alarm, exercise on orders
    for each row execute function order_stays_in_its_exercise();
