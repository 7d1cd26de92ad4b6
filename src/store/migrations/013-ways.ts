import { type Kysely, sql } from 'kysely';

/** More ways to a person, what may leave to one telephone, calls that are repeated, and the number that people call. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  // By whose clock the timer was set: a clock that is set back makes nothing wait longer.
  `alter table page add column armed_at timestamptz`,
  `alter table page_send
     add column armed_at timestamptz,
     add column left_at timestamptz,
     add column nth integer not null default 0,
     drop constraint page_send_way_check,
     drop constraint page_send_kind_check,
     drop constraint page_send_page_level_person_way_key,
     add constraint page_send_way_check check (way in ('chat', 'sms', 'voice', 'email', 'webhook', 'pagerduty')),
     add constraint page_send_kind_check check (kind in ('page', 'reminder', 'update')),
     add unique (page, level, person, way, nth)`,
  `create index page_send_left on page_send (way, address, left_at) where way in ('sms', 'voice')`,
  // One at a time for one telephone: the limit holds however many workers send. What is over it waits, and says so by
  // coming back as waiting. What may leave is claimed in the very statement that looks at the page.
  `create function claim_page_send(wanted integer, moment timestamptz, lease interval, limits jsonb)
   returns setof page_send language plpgsql as $$
   declare
     it page_send;
     since timestamptz;
   begin
     -- A claim that a crash of the server forgets is made again: nobody waits for the disk before a page leaves.
     perform set_config('synchronous_commit', 'off', true);
     select * into it from page_send where id = wanted;
     if limits ? it.way then
       perform pg_advisory_xact_lock(hashtextextended('page-send ' || it.way || it.address::text, 0));
       select s.left_at into since from page_send s
         where s.way = it.way and s.address = it.address and s.id <> wanted and s.left_at > moment - interval '15 minutes'
         order by s.left_at desc offset (limits ->> it.way)::integer - 1 limit 1;
       if found then
         return query update page_send s set due_at = least(since, moment) + interval '15 minutes'
           where s.id = wanted and s.state = 'waiting' and s.due_at <= moment returning s.*;
         return;
       end if;
     end if;
     return query update page_send s
       set state = 'sending', attempts = s.attempts + 1, left_at = moment, claimed_until = clock_timestamp() + lease
       from page p
       where s.id = wanted and p.id = s.page and s.state in ('waiting', 'sending') and s.due_at <= moment
         and (s.claimed_until is null or s.claimed_until <= clock_timestamp())
         and case s.kind
           when 'page' then p.state = 'open'
           when 'reminder' then p.state = 'acknowledged' and p.owner = s.person
           -- Helpers have a table of their own since 014.
           when 'help' then p.state in ('open', 'acknowledged') and exists (
             select from page_helper as h where h.page = p.id and h.person = s.person and h.came_at is null)
           -- Told in order: what says that it is over does not overtake what says that it has begun.
           else p.state in ('acknowledged', 'resolved') and not exists (
             select from page_send o where o.page = s.page and o.person = s.person and o.way = s.way
               and o.id <> s.id and o.claimed_until > clock_timestamp())
         end
       returning s.*;
   end $$`,
  `create table line_call (
     sid text primary key,
     page integer not null references page,
     caller text not null,
     service text,
     begun_at timestamptz not null
   )`,
  // Whose telephone was rung in turn: however often a turn is asked about, it is the same person's.
  `create table line_leg (
     sid text not null references line_call,
     leg integer not null,
     person text not null,
     taken_at timestamptz,
     primary key (sid, leg),
     unique (sid, person)
   )`,
];
