-- Functions that the web's login may call. Those marked SECURITY DEFINER run as the owner, past row-level security:
-- each does one thing, names the company itself, and is the only way in for what it does.

CREATE OR REPLACE FUNCTION sdes_company() RETURNS int LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('sdes.company_id', true), '')::int
$$;

-- The session behind a token, its person and what that person may do; sets the company for this transaction.
-- A visit is noted every half minute, and at once where something came since that would be mailed to whom it finds
-- away (SD 11.1(f)). `unread` notifications are counted up to a hundred; `newest` is the last one's id.
-- `expired` is true when the time-outs have passed: the person is told, but no company is set.
DROP FUNCTION IF EXISTS sdes_enter(bytea, timestamptz, interval, boolean);
CREATE FUNCTION sdes_enter(token bytea, at timestamptz, idle interval, is_visit boolean)
RETURNS TABLE (
    session_id bigint, expired boolean, person_id int, name text, email text, is_master_admin boolean,
    must_change_password boolean, company_id int, company_name text, company_kind text, is_qualified boolean,
    market_roles text[], assignments int[], theme text, density text, has_keys boolean, page_size int,
    ends_at timestamptz, functions text[], stage text, method text, requires_second_factor boolean,
    has_second_factor boolean, roles_so_far text[], unread int, newest bigint
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who record;
BEGIN
    SELECT s.id, s.last_seen_at, s.expires_at, s.last_seen_at + idle < at OR s.expires_at < at AS is_over,
           p.id AS person, p.name, p.email, p.is_master_admin, p.password_is_single_use,
           c.id AS company, c.name AS company_name, c.kind, c.is_qualified, c.requires_second_factor,
           p.theme, p.density, p.has_keys, p.page_size, p.functions, s.stage, s.method, p.totp_confirmed_at
      INTO who
      FROM session s JOIN person p ON p.id = s.person AND p.company = s.company JOIN company c ON c.id = p.company
     WHERE s.token_hash = token AND s.ended_at IS NULL AND p.state = 'active';
    IF NOT FOUND THEN RETURN; END IF;
    IF NOT who.is_over THEN
        PERFORM set_config('sdes.company_id', who.company::text, true);
        IF is_visit AND (who.last_seen_at < at - interval '1 minute' OR EXISTS (
           SELECT 1 FROM notification n WHERE n.person = who.person AND n.wants_mail AND n.mailed_at IS NULL
              AND n.created_at > who.last_seen_at)) THEN
            UPDATE session SET last_seen_at = at WHERE id = who.id;
        END IF;
    END IF;
    RETURN QUERY SELECT
        who.id::bigint, who.is_over, who.person, who.name::text, who.email::text, who.is_master_admin,
        who.password_is_single_use, who.company, who.company_name::text, who.kind::text, who.is_qualified,
        ARRAY(SELECT m.role::text FROM market_participant m WHERE m.company = who.company
               AND m.effective_from <= at::date AND (m.effective_to IS NULL OR m.effective_to >= at::date)),
        ARRAY(SELECT a.process_type * 16 + a.level FROM assignment a WHERE a.person = who.person),
        who.theme::text, who.density::text, who.has_keys, who.page_size::int, who.expires_at,
        who.functions::text[], who.stage::text, who.method::text, who.requires_second_factor,
        who.totp_confirmed_at IS NOT NULL OR EXISTS (SELECT 1 FROM passkey k WHERE k.person = who.person),
        ARRAY(SELECT m.role::text FROM market_participant m WHERE m.company = who.company
               AND m.effective_from <= at::date),
        (SELECT count(*) FROM (SELECT 1 FROM notification n WHERE n.person = who.person AND n.read_at IS NULL
               AND n.closed_by = '' LIMIT 100) counted)::int,
        coalesce((SELECT n.id FROM notification n WHERE n.person = who.person
               ORDER BY n.created_at DESC, n.id DESC LIMIT 1), 0);
END $$;

-- The API key behind a secret's hash, named so that no other is; counts its requests and sets the company for this transaction. With more than
-- `most` requests in a minute, `wait` tells for how many seconds no more is answered, and no company is set.
DROP FUNCTION IF EXISTS sdes_enter_by_key(bytea, timestamptz);
CREATE OR REPLACE FUNCTION sdes_enter_by_key(secret bytea, at timestamptz, most int)
RETURNS TABLE (
    key_id bigint, name text, scopes text[], company_id int, company_name text, is_qualified boolean,
    market_roles text[], wait int
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE key record;
BEGIN
    UPDATE api_key k SET
        last_used_at = CASE WHEN k.last_used_at > at - interval '1 minute' THEN k.last_used_at ELSE at END,
        requests = CASE WHEN k.counted_from > at - interval '1 minute' THEN least(k.requests + 1, most + 1) ELSE 1 END,
        counted_from = CASE WHEN k.counted_from > at - interval '1 minute' THEN k.counted_from ELSE at END
     WHERE k.secret_hash = secret AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > at)
    RETURNING k.id, k.name || ' (' || k.prefix || ')' AS name, k.scopes, k.company, k.requests, k.counted_from INTO key;
    IF NOT FOUND THEN RETURN; END IF;
    wait := 0;
    IF key.requests > most THEN
        wait := greatest(1, ceil(extract(epoch FROM key.counted_from + interval '1 minute' - at)));
    ELSE
        PERFORM set_config('sdes.company_id', key.company::text, true);
    END IF;
    RETURN QUERY SELECT
        key.id::bigint, key.name::text, key.scopes::text[], c.id, c.name::text, c.is_qualified,
        ARRAY(SELECT m.role::text FROM market_participant m WHERE m.company = c.id
               AND m.effective_from <= at::date AND (m.effective_to IS NULL OR m.effective_to >= at::date)), wait
      FROM company c WHERE c.id = key.company;
END $$;

-- Whose account an address is, before anybody is signed in.
CREATE OR REPLACE FUNCTION sdes_find_account(address text) RETURNS TABLE (person_id int, company_id int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id, p.company FROM person p WHERE p.email_key = address AND p.state <> 'deleted'
$$;

-- Which of these addresses (in lower case) have an account, in whatever company: not told whose (SL 21).
CREATE OR REPLACE FUNCTION sdes_taken_addresses(addresses text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.email_key::text FROM person p WHERE p.email_key = ANY (addresses)
$$;

-- Whose a link that came by e-mail is, while it can still be followed.
CREATE OR REPLACE FUNCTION sdes_find_link(token bytea, at timestamptz)
RETURNS TABLE (link_id bigint, purpose text, person_id int, company_id int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.id, l.purpose::text, l.person, l.company FROM account_link l JOIN person p ON p.id = l.person
     WHERE l.token_hash = token AND l.used_at IS NULL AND l.expires_at > at
       AND p.state <> 'deleted' AND p.email_key = l.email_key
$$;

-- Whose a passkey is, before anybody is signed in.
CREATE OR REPLACE FUNCTION sdes_find_passkey(credential bytea)
RETURNS TABLE (passkey_id bigint, person_id int, company_id int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT k.id, k.person, k.company FROM passkey k JOIN person p ON p.id = k.person
     WHERE k.credential_id = credential AND p.state <> 'deleted'
$$;

-- Whose a sign-in at a client of ours is, by the hash of its code, of its token or of one of its refresh tokens.
CREATE OR REPLACE FUNCTION sdes_find_grant(secret bytea) RETURNS TABLE (grant_id bigint, company_id int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT g.id, g.company FROM oidc_grant g WHERE g.code_hash = secret OR g.token_hash = secret
    UNION SELECT r.sign_in, r.company FROM oidc_refresh_token r WHERE r.token_hash = secret
$$;

-- Which of these e-mail domains people of other companies have addresses at: not told whose.
CREATE OR REPLACE FUNCTION sdes_domains_of_others(domains text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT substring(p.email_key from '[^@]*$') FROM person p
     WHERE p.company <> sdes_company() AND p.state <> 'deleted'
       AND substring(p.email_key from '[^@]*$') = ANY (domains)
$$;

-- Which companies' identity providers in use claim an e-mail domain at which people of that very company have addresses.
CREATE OR REPLACE FUNCTION sdes_providers_at(wanted text) RETURNS SETOF int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i.id FROM identity_provider i WHERE i.is_enabled AND wanted = ANY (i.email_domains) AND EXISTS (
        SELECT 1 FROM person p WHERE p.company = i.company AND p.state <> 'deleted'
           AND substring(p.email_key from '[^@]*$') = wanted)
$$;

-- Whether the acting company looks after the others: the provider and the Code Manager do (SD 2.4, 10.2).
CREATE OR REPLACE FUNCTION sdes_oversees() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (SELECT 1 FROM company WHERE id = sdes_company() AND kind IN ('provider', 'code-manager'))
$$;

-- Takes a company's own identity provider out of use, for those who look after companies; for nobody else it does
-- nothing. Gives what it was.
CREATE OR REPLACE FUNCTION sdes_disable_identity_provider(provider int)
RETURNS TABLE (company_id int, name text, issuer text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE identity_provider i SET is_enabled = false
     WHERE i.id = provider AND i.company IS NOT NULL AND i.is_enabled AND sdes_oversees()
    RETURNING i.company, i.name::text, i.issuer
$$;

-- Every company's MAU and its number of people, for those who look after companies; for nobody else a row.
CREATE OR REPLACE FUNCTION sdes_master_admins()
RETURNS TABLE (company_id int, person_id int, name text, email text, last_sign_in_at timestamptz, people bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.id, m.id, coalesce(m.name, '')::text, coalesce(m.email, '')::text, m.last_sign_in_at,
           (SELECT count(*) FROM person p WHERE p.company = c.id AND p.state <> 'deleted')
      FROM company c LEFT JOIN person m ON m.company = c.id AND m.is_master_admin
     WHERE sdes_oversees()
$$;

-- How many mails wait to be sent, and since when: two figures of all companies together.
CREATE OR REPLACE FUNCTION mail_waiting() RETURNS TABLE (waiting bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*), min(m.created_at) FROM mail m
     WHERE m.sent_at IS NULL AND m.given_up_at IS NULL AND m.handed_over_at IS NULL
$$;

-- What is to be seen of the service itself: numbers and ages in seconds of all companies together, and nothing of
-- whose they are. `people` are those active within `idle` before `at`; files are late that nobody came to, or that were
-- tried in vain, for longer than `patience`.
DROP FUNCTION IF EXISTS sdes_figures(timestamptz, interval);
CREATE OR REPLACE FUNCTION sdes_figures(at timestamptz, idle interval, patience interval)
RETURNS TABLE (
    sessions bigint, people bigint, jobs_waiting bigint, job_age float8, files_pending bigint, files_late bigint,
    file_age float8,
    mails_waiting bigint, mail_age float8, notifications_waiting bigint, notification_age float8, database_bytes bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.sessions, s.people, j.waiting, coalesce(greatest(extract(epoch FROM at) - j.oldest, 0), 0)::float8,
           f.waiting, f.late, coalesce(extract(epoch FROM at - f.oldest), 0)::float8,
           m.waiting, coalesce(extract(epoch FROM at - m.oldest), 0)::float8,
           n.waiting, coalesce(extract(epoch FROM at - n.oldest), 0)::float8, pg_database_size(current_database())
      FROM (SELECT count(*) AS sessions, count(DISTINCT x.person) AS people FROM session x
             WHERE x.ended_at IS NULL AND x.stage = 'full' AND x.last_seen_at >= at - idle AND x.expires_at > at) s,
           (SELECT count(*) AS waiting, min(x.scheduled) AS oldest FROM saq_jobs x
             WHERE x.status = 'queued' AND x.scheduled <= extract(epoch FROM at)) j,
           (SELECT count(*) AS waiting, min(x.created_at) AS oldest, count(*) FILTER (WHERE x.created_at < at - patience
                   AND (x.attempts > 0 OR x.next_attempt_at < at)) AS late
              FROM attachment x WHERE x.state = 'pending') f,
           (SELECT count(*) AS waiting, min(x.created_at) AS oldest FROM mail x
             WHERE x.sent_at IS NULL AND x.given_up_at IS NULL AND x.handed_over_at IS NULL) m,
           (SELECT count(*) AS waiting, min(x.created_at) AS oldest FROM notification x
             WHERE x.wants_mail AND x.mailed_at IS NULL) n
$$;

-- The last migration that this database has had.
CREATE OR REPLACE FUNCTION sdes_migration() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT max(name)::text FROM migration
$$;

-- An MPID has one holder at a time in each role, whatever else is tried (SL 21, 22).
CREATE OR REPLACE FUNCTION market_participant_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('mpid ' || NEW.mpid || NEW.role, 0));
    IF EXISTS (SELECT 1 FROM market_participant o WHERE o.mpid = NEW.mpid AND o.role = NEW.role AND o.id <> NEW.id
               AND daterange(o.effective_from, o.effective_to, '[]') &&
                   daterange(NEW.effective_from, NEW.effective_to, '[]')) THEN
        RAISE unique_violation USING MESSAGE = 'this MPID has another holder in this role at that time';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER market_participant_once BEFORE INSERT OR UPDATE ON market_participant
    FOR EACH ROW EXECUTE FUNCTION market_participant_once();

-- What a company is, and whether it is Qualified, is not the company's own to say (SD 10.2, SL 20).
CREATE OR REPLACE FUNCTION company_is_not_its_own_judge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF row_security_active('company') AND NOT sdes_oversees()
       AND (OLD.name, OLD.is_qualified, OLD.applied_on, OLD.validated_on, OLD.agreement_signed_on) IS DISTINCT FROM
           (NEW.name, NEW.is_qualified, NEW.applied_on, NEW.validated_on, NEW.agreement_signed_on) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the provider and the Code Manager change this';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER company_is_not_its_own_judge BEFORE UPDATE ON company
    FOR EACH ROW EXECUTE FUNCTION company_is_not_its_own_judge();

-- Whoever is deleted, and whichever way, is the owner of no communication any more.
CREATE OR REPLACE FUNCTION person_deleted_owns_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE gone int[] := ARRAY(SELECT o.id FROM old_rows o JOIN new_rows n ON n.id = o.id
                             WHERE n.state = 'deleted' AND o.state <> 'deleted');
BEGIN
    IF gone <> '{}' THEN
        UPDATE communication_party SET owner = NULL
         WHERE company IN (SELECT n.company FROM new_rows n) AND owner = ANY (gone);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER person_deleted_owns_nothing AFTER UPDATE ON person
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION person_deleted_owns_nothing();

-- Whether the acting company keeps the catalogue of process types: the Code Manager does.
CREATE OR REPLACE FUNCTION sdes_keeps_catalogue() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (SELECT 1 FROM company WHERE id = sdes_company() AND kind = 'code-manager')
$$;

-- Whoever loses the last use case of a process type owns none of its communications any more (SD 11.1(b)i).
CREATE OR REPLACE FUNCTION assignment_gone_owns_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE communication_party p SET owner = NULL
      FROM gone g
     WHERE p.owner = g.person AND p.process_type = g.process_type AND p.company = g.company
       AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.person = g.person AND a.process_type = g.process_type);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER assignment_gone_owns_nothing AFTER DELETE ON assignment
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION assignment_gone_owns_nothing();

-- Nor is anybody told any more of what they may not open (SD 9.2(e)).
CREATE OR REPLACE FUNCTION assignment_gone_is_told_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM notification n USING gone g, communication c
     WHERE n.person = g.person AND n.company = g.company AND c.reference = n.subject
       AND c.process_type = g.process_type
       AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.person = g.person AND a.process_type = g.process_type);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER assignment_gone_is_told_nothing AFTER DELETE ON assignment
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION assignment_gone_is_told_nothing();

-- Opens a communication from one of the calling company's market participants, with a party row for each side, as
-- the catalogue allows on that day in London; it keeps the rules under which it was sent (SD 10.2, 11.1(c)).
DROP FUNCTION IF EXISTS sdep_open_communication(int, int, int, text, jsonb, int, timestamptz, timestamptz);
CREATE OR REPLACE FUNCTION sdep_open_communication(
    process int, from_participant int, to_participant int, about text, data_items jsonb, at timestamptz,
    due timestamptz, OUT communication_id bigint, OUT communication_reference text
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE sending int; receiving int; found record; today date := (at AT TIME ZONE 'Europe/London')::date;
BEGIN
    SELECT company INTO sending FROM market_participant WHERE id = from_participant;
    SELECT company INTO receiving FROM market_participant WHERE id = to_participant;
    IF sending IS DISTINCT FROM sdes_company() OR receiving IS NULL OR sending = receiving THEN
        RAISE insufficient_privilege USING MESSAGE = 'a communication is sent by one''s own company, to another';
    END IF;
    PERFORM 1 FROM process_type WHERE id = process FOR KEY SHARE; -- a change of it under way is waited for
    SELECT max(l.number) AS levels, jsonb_build_object(
               'may_escalate',
               max(l.number) > 1
               AND t.contact_type NOT IN ('General Query', 'UTRN Contact', 'Retrospective Amendment Request'),
               'levels', jsonb_agg(jsonb_build_object('number', l.number, 'name', l.name,
                                   'amount', l.response_amount, 'unit', l.response_unit) ORDER BY l.number)) AS rules
      INTO found
      FROM process_type t
      JOIN process_level l ON l.process_type = t.id
      JOIN process_route r ON r.process_type = t.id
      JOIN market_participant f ON f.id = from_participant AND f.role = r.from_role
      JOIN market_participant o ON o.id = to_participant AND o.role = r.to_role
     WHERE t.id = process AND today BETWEEN t.effective_from AND coalesce(t.effective_to, today)
       AND NOT EXISTS (SELECT 1 FROM company c WHERE c.id IN (sending, receiving) AND NOT c.is_qualified)
     GROUP BY t.id, t.contact_type;
    IF found.levels IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'the catalogue does not let these two send that to each other';
    END IF;
    PERFORM sdep_stamping();
    communication_reference := 'SC' || lpad(nextval('communication_reference_seq')::text, 8, '0');
    INSERT INTO communication (reference, process_type, sender, recipient, subject, items, rules, level, max_level,
                               message_count, created_at, last_message_at, awaiting, due_at, archived_at)
    VALUES (communication_reference, process, from_participant, to_participant, about, data_items, found.rules, 1,
            found.levels, 0, at, at, receiving, due, NULL)
    RETURNING id INTO communication_id;
    INSERT INTO communication_party (communication, company, other_company, process_type, side, created_at,
                                     last_message_at, last_direction, last_received, last_read, tags, alert,
                                     level, due_at, is_due_from_us, changed_at)
    VALUES (communication_id, sending, receiving, process, 'sender', at, at, 'sent', 0, 0, '{}', '',
            1, due, false, clock_timestamp()),
           (communication_id, receiving, sending, process, 'recipient', at, at, 'received', 0, 0, '{}', '',
            1, due, true, clock_timestamp());
END $$;

-- What both parties' lists read of the shared communication follows it, whoever changes it.
CREATE OR REPLACE FUNCTION communication_parties_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE communication_party p SET
        level = NEW.level, due_at = NEW.due_at, archived_at = NEW.archived_at, last_message_at = NEW.last_message_at,
        is_due_from_us = NEW.awaiting IS NOT DISTINCT FROM p.company
     WHERE p.communication = NEW.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER communication_parties_follow AFTER UPDATE ON communication FOR EACH ROW
    WHEN ((OLD.level, OLD.due_at, OLD.archived_at, OLD.last_message_at, OLD.awaiting) IS DISTINCT FROM
          (NEW.level, NEW.due_at, NEW.archived_at, NEW.last_message_at, NEW.awaiting))
    EXECUTE FUNCTION communication_parties_follow();

-- Says, until the transaction ends, that it stamps changes: by a lock that stops nobody, whose key is the second since
-- 2020 in which the transaction began. To be called before the stamp is taken; see `sdep_known_until`.
CREATE OR REPLACE FUNCTION sdep_stamping() RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT pg_advisory_xact_lock_shared(
        hashtext('sdep changes'), floor(extract(epoch FROM now() - timestamptz '2020-01-01 00:00:00+00'))::int)
$$;

-- Until when every change is known: whatever was stamped before is committed, or will never be. What is asked for in
-- the next statement, up to this moment, is therefore whole, and who goes on from here misses nothing. Anybody may take
-- such a lock and keep it, whatever its second: one older than an hour counts for nothing, since no transaction that
-- stamps lasts so long, and so nobody can hold exports back for longer.
CREATE OR REPLACE FUNCTION sdep_known_until() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
DECLARE moment timestamptz := clock_timestamp(); stamping bigint;
BEGIN
    SELECT min(objid::bigint) INTO stamping FROM pg_locks
     WHERE locktype = 'advisory' AND classid = hashtext('sdep changes')::oid AND objsubid = 2
       AND objid::bigint > extract(epoch FROM moment - timestamptz '2020-01-01 00:00:00+00') - 3600
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND pid IS DISTINCT FROM pg_backend_pid();
    RETURN least(moment, timestamptz '2020-01-01 00:00:00+00' + stamping * interval '1 second');
END $$;

-- A party row says when it last changed, by the database's own clock: exports ask for what changed since. A state of a
-- file is a change too: whoever sets `changed_at` has it stamped.
CREATE OR REPLACE FUNCTION communication_party_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sdep_stamping();
    NEW.changed_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER communication_party_changed BEFORE UPDATE ON communication_party FOR EACH ROW
    WHEN ((OLD.level, OLD.due_at, OLD.archived_at, OLD.last_message_at, OLD.owner, OLD.tags, OLD.last_received,
           OLD.changed_at)
          IS DISTINCT FROM
          (NEW.level, NEW.due_at, NEW.archived_at, NEW.last_message_at, NEW.owner, NEW.tags, NEW.last_received,
           NEW.changed_at))
    EXECUTE FUNCTION communication_party_changed();

-- When a deletion was noted, for whoever asks what was deleted since.
CREATE OR REPLACE FUNCTION deleted_communication_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sdep_stamping();
    NEW.noted_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER deleted_communication_noted BEFORE INSERT ON deleted_communication FOR EACH ROW
    EXECUTE FUNCTION deleted_communication_noted();

-- Tells both parties of a message that the calling company has added: it was sent, the other received it.
CREATE OR REPLACE FUNCTION sdep_tell_parties(told bigint, message_number int, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM message WHERE communication = told AND number = message_number
                   AND company = sdes_company()) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the company that added the message tells of it';
    END IF;
    UPDATE communication_party SET
        last_message_at = greatest(last_message_at, at),
        archived_at = NULL,
        last_direction = CASE WHEN company = sdes_company() THEN 'sent' ELSE 'received' END,
        last_received = CASE WHEN company = sdes_company() THEN last_received ELSE greatest(last_received, message_number) END
    WHERE communication = told;
END $$;

-- Notifies the people of the other company of a message that the calling company has added: whoever is assigned to the
-- process type at the communication's level, and the owner (SD 11.1(f)); nobody twice. Where nobody is, those of its
-- other levels; where nobody holds any, the Master Admin User, who can assign somebody. `is_quick`: a response is due
-- within hours.
CREATE OR REPLACE FUNCTION sdep_notify(told bigint, message_number int, at timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE said record; reached int;
BEGIN
    SELECT m.kind, m.company_name, c.reference, c.subject, c.level, c.process_type, t.title, t.contact_type,
           p.company AS theirs, p.owner,
           coalesce((SELECT l ->> 'unit' = 'OH' AND (l ->> 'amount')::int < 10
                       FROM jsonb_array_elements(c.rules -> 'levels') l WHERE (l ->> 'number')::int = c.level), false)
           AS is_quick
      INTO said
      FROM message m JOIN communication c ON c.id = m.communication JOIN process_type t ON t.id = c.process_type
      JOIN communication_party p ON p.communication = c.id AND p.company <> m.company
     WHERE m.communication = told AND m.number = message_number AND m.company = sdes_company();
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the company that added the message notifies of it';
    END IF;
    INSERT INTO notification (company, person, subject, title, process, kind, number, from_name, created_at,
                              closed_by, is_quick, wants_mail)
    WITH holders AS (
        SELECT a.person, a.level = said.level AS is_at_level FROM assignment a JOIN person h ON h.id = a.person
         WHERE a.company = said.theirs AND a.process_type = said.process_type AND h.state = 'active'
    )
    SELECT said.theirs, n.id, said.reference, said.subject, said.title || ' - ' || said.contact_type, said.kind,
           message_number, said.company_name, at, '', said.is_quick,
           n.email_verified_at IS NOT NULL AND NOT n.is_proxy_address
           AND (said.is_quick OR coalesce(s.frequency, 'never') <> 'never')
      FROM person n LEFT JOIN notification_setting s ON s.person = n.id
     WHERE n.company = said.theirs AND n.state = 'active'
       AND (n.id = said.owner
            OR n.id IN (SELECT h.person FROM holders h
                         WHERE h.is_at_level OR NOT EXISTS (SELECT 1 FROM holders o WHERE o.is_at_level))
            OR n.is_master_admin AND NOT EXISTS (SELECT 1 FROM holders))
        ON CONFLICT (person, subject, kind, number) WHERE number > 0 DO NOTHING;
    GET DIAGNOSTICS reached = ROW_COUNT;
    RETURN reached;
END $$;

-- The lexemes of some words, each with the company's id before it: ':' for what both companies know, '#' for what only
-- that company does (its tags). A word that is too long to be one is left out.
CREATE OR REPLACE FUNCTION sdep_lexemes(company int, mark text, terms text) RETURNS tsvector
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT company || mark || lexeme)), '')
      FROM unnest(to_tsvector('english', terms)) WHERE octet_length(lexeme) < 200
$$;

-- The same of however many words, as a list and without the company: PostgreSQL takes 1 MB at once and no more.
CREATE OR REPLACE FUNCTION sdep_stems(terms text) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT l.lexeme), '{}')
      FROM (SELECT string_agg(word, ' ') AS words FROM string_to_table(terms, ' ') WITH ORDINALITY AS t(word, n)
             WHERE octet_length(word) < 1000 GROUP BY n / 1000) piece, unnest(to_tsvector('english', piece.words)) l
     WHERE octet_length(l.lexeme) < 200
$$;

-- Adds words of a communication to what both its parties find it by; `heading` are those of its reference, subject and
-- data items, which every part holds, as it holds the tags. The words come from `sdep/search/terms.py`. A part takes
-- 4,400 lexemes and 400 of tags: of 210 bytes each, the longest there are, these stay below the 1 MB that PostgreSQL
-- takes, so that no message is refused for its words. What does not fit begins the next part. Words that are in
-- different parts do not find a communication together. The caller holds the communication's row.
DROP FUNCTION IF EXISTS sdep_index(bigint, text);
CREATE OR REPLACE FUNCTION sdep_index(told bigint, terms text, heading text DEFAULT '') RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    whose int; newest communication_search; last_part int; carried tsvector; fresh text[];
    headed text[] := (sdep_stems(heading))[1:400];
    said text[] := sdep_stems(terms);
BEGIN
    IF NOT EXISTS (SELECT 1 FROM communication_party WHERE communication = told AND company = sdes_company()) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only a party adds words to a communication';
    END IF;
    FOR whose IN SELECT p.company FROM communication_party p WHERE p.communication = told ORDER BY p.company LOOP
        SELECT * INTO newest FROM communication_search s WHERE s.communication = told AND s.company = whose
         ORDER BY s.part DESC LIMIT 1;
        fresh := ARRAY(SELECT whose || ':' || l FROM unnest(headed || said) l
                       EXCEPT SELECT unnest(tsvector_to_array(newest.words)));
        IF length(newest.words) + cardinality(fresh) <= 4400 THEN
            UPDATE communication_search SET words = words || array_to_tsvector(fresh) WHERE id = newest.id;
        ELSE
            carried := array_to_tsvector(ARRAY(SELECT whose || ':' || l FROM unnest(headed) l))
                    || array_to_tsvector(ARRAY(SELECT l FROM unnest(tsvector_to_array(newest.words)) l
                                                WHERE starts_with(l, whose || '#') LIMIT 400));
            INSERT INTO communication_search (communication, company, part, words)
            SELECT told, whose, coalesce(newest.part, 0) + 1 + piece.n,
                   carried || array_to_tsvector(piece.lexemes)
              FROM (SELECT (l.n - 1) / 3600 AS n, array_agg(whose || ':' || l.lexeme) AS lexemes
                      FROM unnest(CASE WHEN said = '{}' THEN headed ELSE said END) WITH ORDINALITY l(lexeme, n)
                     GROUP BY 1) piece;
        END IF;
    END LOOP;
END $$;

-- Makes the calling company's tags of a communication findable, instead of those that were: in each of its parts.
CREATE OR REPLACE FUNCTION sdep_index_tags(told bigint, terms text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE own int := sdes_company(); tags tsvector;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM communication_party WHERE communication = told AND company = own) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only a party tags a communication';
    END IF;
    tags := array_to_tsvector(ARRAY(SELECT own || '#' || l FROM unnest((sdep_stems(terms))[1:400]) l));
    UPDATE communication_search s SET words = b.words || CASE WHEN length(b.words) <= 4400 THEN tags ELSE '' END
      FROM (SELECT id, ts_delete(words, ARRAY(SELECT l FROM unnest(tsvector_to_array(words)) l
                                               WHERE starts_with(l, own || '#'))) AS words
              FROM communication_search WHERE communication = told AND company = own) b
     WHERE b.id = s.id;
    INSERT INTO communication_search (communication, company, part, words)  -- where there is none, or none with room
    SELECT told, own, coalesce(max(part), 0) + 1, tags FROM communication_search
     WHERE communication = told AND company = own HAVING coalesce(min(length(words)), 9999) > 4800;
END $$;

-- What the calling company is looking for: all of these words, the last one perhaps only begun, or `whole`, the same
-- typed as one. Null where nothing but words too common to be found was asked for.
CREATE OR REPLACE FUNCTION sdep_query(asked text[], whole text) RETURNS tsquery LANGUAGE plpgsql STABLE AS $$
DECLARE own int := sdes_company(); parts text[] := '{}'; lex text; tail text; made text;
BEGIN
    FOR i IN 1 .. cardinality(asked) LOOP
        tail := CASE WHEN i = cardinality(asked) AND length(asked[i]) > 2 THEN ':*' ELSE '' END;
        FOR lex IN SELECT translate(lexeme, '''\', '') FROM unnest(to_tsvector('english', asked[i]))
                    WHERE octet_length(lexeme) < 200 LOOP
            parts := parts || format('(''%s:%s''%s | ''%s#%s''%s)', own, lex, tail, own, lex, tail);
        END LOOP;
    END LOOP;
    made := nullif(array_to_string(parts, ' & '), '');
    IF whole <> '' THEN
        lex := translate(whole, '''\', '');
        tail := CASE WHEN length(lex) > 5 THEN ':*' ELSE '' END;
        made := concat_ws(' | ', '(' || made || ')', format('''%s:%s''%s | ''%s#%s''%s', own, lex, tail, own, lex, tail));
    END IF;
    RETURN made::tsquery;
END $$;

-- The calling company's communications that match, in no order and at most `most`; one of which several parts match
-- is there as often, since to sort these out would cost the reading of all that match.
CREATE OR REPLACE FUNCTION sdep_found(wanted tsquery, most int) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
    SELECT s.communication FROM communication_search s
     WHERE s.words @@ wanted AND s.company = sdes_company() LIMIT most
$$;

-- Whether one of the calling company's communications matches: for words so common that a list is rather walked.
CREATE OR REPLACE FUNCTION sdep_matches(one bigint, wanted tsquery) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER COST 5000 SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM communication_search s
                    WHERE s.communication = one AND s.company = sdes_company() AND s.words @@ wanted)
$$;

-- How many communications of a process type there are, active or archived, that can still be at `least_level` or above,
-- or that run from one market role to another (null: of whatever level or roles): a number for the Code Manager alone.
CREATE OR REPLACE FUNCTION sdep_open_count(process int, least_level int, from_role text, to_role text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT sdes_keeps_catalogue() THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the Code Manager counts what a change would orphan';
    END IF;
    RETURN (SELECT count(*) FROM communication c
              JOIN market_participant s ON s.id = c.sender JOIN market_participant r ON r.id = c.recipient
             WHERE c.process_type = process
               AND (sdep_open_count.least_level IS NULL OR c.max_level >= sdep_open_count.least_level)
               AND (sdep_open_count.from_role IS NULL OR s.role = sdep_open_count.from_role)
               AND (sdep_open_count.to_role IS NULL OR r.role = sdep_open_count.to_role));
END $$;

-- Whether a communication was ever sent by a process type, be it deleted since. For the Code Manager alone.
CREATE OR REPLACE FUNCTION sdep_was_used(process int) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT sdes_keeps_catalogue() THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the Code Manager asks whether a process type was used';
    END IF;
    RETURN EXISTS (SELECT 1 FROM communication c WHERE c.process_type = process)
        OR EXISTS (SELECT 1 FROM deleted_communication d WHERE d.process_type = process);
END $$;

-- Takes everybody out of the levels that a process type no longer has, where no communication can be at them; gives
-- from how many people of which company. For the Code Manager alone.
CREATE OR REPLACE FUNCTION catalogue_end_levels(process int) RETURNS TABLE (company_id int, people bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT sdes_keeps_catalogue() THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the Code Manager ends a level';
    END IF;
    RETURN QUERY WITH ended AS (
        DELETE FROM assignment a
         WHERE a.process_type = process
           AND NOT EXISTS (SELECT 1 FROM process_level l WHERE l.process_type = process AND l.number = a.level)
           AND NOT EXISTS (SELECT 1 FROM communication c WHERE c.process_type = process AND c.max_level >= a.level)
        RETURNING a.company, a.person)
    SELECT e.company, count(DISTINCT e.person) FROM ended e GROUP BY e.company ORDER BY e.company;
END $$;

-- What the Code Manager is told of all companies' communications (SD 12.2(b)): numbers, never a word. Each company and
-- process type with what the company sent in that time, and how many of the responses due from it came in time.
CREATE OR REPLACE FUNCTION sdep_portal_volumes(since timestamptz, till timestamptz, at timestamptz)
RETURNS TABLE (company_id int, process_id int, opened int, messages int, due int, in_time int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT sdes_keeps_catalogue() THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the Code Manager is told of all companies';
    END IF;
    RETURN QUERY
    WITH gone AS (
        SELECT d.process_type, d.companies, d.facts FROM deleted_communication d
         WHERE d.deleted_at >= since AND d.created_at < till
    ), counted AS (
        SELECT m.company::bigint AS company, c.process_type::bigint AS process, m.number = 1 AS is_first,
               true AS is_message, false AS is_due, NULL::boolean AS is_in_time
          FROM message m JOIN communication c ON c.id = m.communication
         WHERE m.sent_at >= since AND m.sent_at < till
        UNION ALL
        SELECT m.company, g.process_type, m.number = 1, true, false, NULL
          FROM gone g, jsonb_to_recordset(g.facts -> 'messages') AS m(number int, company bigint, sent_at timestamptz)
         WHERE m.sent_at >= since AND m.sent_at < till
        UNION ALL
        SELECT r.company, c.process_type, false, false, true, l.responded_at <= l.due_at
          FROM communication_level l JOIN communication c ON c.id = l.communication
          JOIN market_participant r ON r.id = c.recipient
         WHERE l.due_at >= since AND l.due_at < till AND (l.responded_at IS NOT NULL OR l.due_at < at)
        UNION ALL
        SELECT g.companies[2], g.process_type, false, false, true, l.responded_at <= l.due_at
          FROM gone g, jsonb_to_recordset(g.facts -> 'levels') AS l(due_at timestamptz, responded_at timestamptz)
         WHERE l.due_at >= since AND l.due_at < till AND (l.responded_at IS NOT NULL OR l.due_at < at)
    )
    SELECT n.company::int, n.process::int, count(*) FILTER (WHERE n.is_first)::int,
           count(*) FILTER (WHERE n.is_message)::int, count(*) FILTER (WHERE n.is_due)::int,
           count(*) FILTER (WHERE n.is_in_time)::int
      FROM counted n GROUP BY n.company, n.process;
END $$;

-- The same by month, of all companies together: the months' first days by London's calendar.
CREATE OR REPLACE FUNCTION sdep_portal_months(since timestamptz, till timestamptz)
RETURNS TABLE (month date, opened int, messages int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT sdes_keeps_catalogue() THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the Code Manager is told of all companies';
    END IF;
    RETURN QUERY
    WITH counted AS (
        SELECT m.sent_at, m.number FROM message m WHERE m.sent_at >= since AND m.sent_at < till
        UNION ALL
        SELECT m.sent_at, m.number FROM deleted_communication d,
               jsonb_to_recordset(d.facts -> 'messages') AS m(number int, sent_at timestamptz)
         WHERE d.deleted_at >= since AND d.created_at < till AND m.sent_at >= since AND m.sent_at < till
    )
    SELECT date_trunc('month', n.sent_at AT TIME ZONE 'Europe/London')::date,
           count(*) FILTER (WHERE n.number = 1)::int, count(*)::int
      FROM counted n GROUP BY 1;
END $$;

-- What each company has not answered in time and still has to, by process type.
CREATE OR REPLACE FUNCTION sdep_portal_overdue(at timestamptz)
RETURNS TABLE (company_id int, process_id int, overdue int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT sdes_keeps_catalogue() THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the Code Manager is told of all companies';
    END IF;
    RETURN QUERY
    SELECT p.company, p.process_type, count(*)::int FROM communication_party p
     WHERE p.archived_at IS NULL AND p.is_due_from_us AND p.due_at < at GROUP BY p.company, p.process_type;
END $$;

-- A company's views of the communications that its reports are about: begun in some days, with messages since a day, of
-- one of its MPIDs, of one process type. What is null is open. Nothing where it is not the calling company. For the
-- three functions below alone, into which the planner unfolds it.
CREATE OR REPLACE FUNCTION sdep_report_parties(own int, begun timestamptz, till timestamptz, since timestamptz,
                                               own_mpid text, process text)
RETURNS SETOF communication_party LANGUAGE sql STABLE AS $$
    SELECT p.* FROM communication_party p
     WHERE p.company = own AND own = sdes_company() AND (begun IS NULL OR p.created_at >= begun)
       AND (till IS NULL OR p.created_at < till) AND (since IS NULL OR p.last_message_at >= since)
       AND (process IS NULL OR p.process_type = (SELECT t.id FROM process_type t WHERE t.code = process))
       AND (own_mpid IS NULL OR EXISTS (
            SELECT 1 FROM communication c JOIN market_participant m ON m.id IN (c.sender, c.recipient)
             WHERE c.id = p.communication AND m.company = own AND m.mpid = own_mpid))
$$;

-- What a company's reports read of its own communications: numbers and times, never a word. It spares them the question
-- of each row whose it is, which takes longer than the report. `with_ends`: with the market participants between which
-- it runs.
CREATE OR REPLACE FUNCTION sdep_report_communications(own int, begun timestamptz, till timestamptz, since timestamptz,
                                                      own_mpid text, process text, with_ends boolean)
RETURNS TABLE (communication bigint, process_type int, side text, other_company int, level smallint,
               created_at timestamptz, last_message_at timestamptz, owner int, sender int, recipient int)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100000
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
    SELECT p.communication, p.process_type, p.side, p.other_company, p.level, p.created_at, p.last_message_at, p.owner,
           c.sender, c.recipient
      FROM sdep_report_parties(own, begun, till, since, own_mpid, process) p
      LEFT JOIN communication c ON with_ends AND c.id = p.communication
$$;

-- The messages of those communications, all or those sent from `since` on and before `until`.
CREATE OR REPLACE FUNCTION sdep_report_messages(own int, begun timestamptz, till timestamptz, since timestamptz,
                                                until timestamptz, own_mpid text, process text)
RETURNS TABLE (communication bigint, side text, number int, is_ours boolean, person int, sent_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100000
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
    SELECT m.communication, p.side, m.number, m.company = own, m.person, m.sent_at
      FROM sdep_report_parties(own, begun, till, since, own_mpid, process) p
      JOIN message m ON m.communication = p.communication
     WHERE (since IS NULL OR m.sent_at >= since) AND (until IS NULL OR m.sent_at < until)
$$;

-- The levels of those communications at which a response was due from `since` on and before `until`. `with_people`: with
-- who of the company gave the response, where it was due from the company.
CREATE OR REPLACE FUNCTION sdep_report_levels(own int, since timestamptz, until timestamptz, own_mpid text,
                                              process text, with_people boolean)
RETURNS TABLE (communication bigint, process_type int, side text, number smallint, due_at timestamptz,
               responded_at timestamptz, person int)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100000
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
    SELECT l.communication, p.process_type, p.side, l.number, l.due_at, l.responded_at,
           CASE WHEN with_people AND p.side = 'recipient' AND l.responded_at IS NOT NULL
                THEN (SELECT max(m.person) FROM message m
                       WHERE m.communication = l.communication AND m.company = own AND m.sent_at = l.responded_at) END
      FROM sdep_report_parties(own, NULL, until, NULL, own_mpid, process) p
      JOIN communication_level l ON l.communication = p.communication
     WHERE l.due_at >= since AND l.due_at < until
$$;

-- What the web's login adds to a communication is under the true names of its own person and company, and a message
-- under that company's MPID in it. Both run as the login that adds; the owner is not bound.
CREATE OR REPLACE FUNCTION message_is_under_own_names() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE me int := sdes_company();
BEGIN
    IF NOT row_security_active('message') THEN RETURN NEW; END IF;
    SELECT p.name, o.name INTO NEW.person_name, NEW.company_name
      FROM person p JOIN company o ON o.id = p.company WHERE p.id = NEW.person AND p.company = me;
    IF NOT FOUND OR NOT EXISTS (
        SELECT 1 FROM communication c JOIN market_participant m ON m.id IN (c.sender, c.recipient)
         WHERE c.id = NEW.communication AND m.company = me AND m.mpid = NEW.mpid) THEN
        RAISE insufficient_privilege USING MESSAGE = 'a message is under one''s own person and MPID only';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER message_is_under_own_names BEFORE INSERT ON message
    FOR EACH ROW EXECUTE FUNCTION message_is_under_own_names();

CREATE OR REPLACE FUNCTION level_is_begun_under_own_names() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT row_security_active('communication_level') THEN RETURN NEW; END IF;
    SELECT o.name INTO NEW.started_by FROM company o
     WHERE o.id = sdes_company()
       AND EXISTS (SELECT 1 FROM person p WHERE p.company = o.id AND p.name = NEW.person_name);
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'a level is begun under one''s own person''s name only';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER level_is_begun_under_own_names BEFORE INSERT ON communication_level
    FOR EACH ROW EXECUTE FUNCTION level_is_begun_under_own_names();

-- What the web's login adds to the audit log is under the true names of its own person and company, and reaches no
-- company but that one and the other parties of the communication it is about; nobody's reaches nobody (SD 13.1).
-- Runs as the login that adds, so that it reads what that login may read; the owner is not bound.
CREATE OR REPLACE FUNCTION audit_entry_is_true() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE me bigint := sdes_company();
BEGIN
    IF NOT row_security_active('audit_entry') THEN RETURN NEW; END IF;
    IF NEW.person_id IS NULL AND (me IS NULL OR NEW.event LIKE ANY (ARRAY['accounts.%', 'administration.%', 'single-sign-on.%'])) THEN
        -- nobody yet, or a program with a key of the company's
        IF me IS NULL OR NEW.person_name NOT LIKE 'API key %' THEN NEW.person_name := ''; END IF;
        NEW.company_name := coalesce((SELECT c.name FROM company c WHERE c.id = me), '');
    ELSE
        SELECT p.name, c.name INTO NEW.person_name, NEW.company_name
          FROM person p JOIN company c ON c.id = p.company WHERE p.id = NEW.person_id AND p.company = me;
        IF NOT FOUND THEN
            RAISE insufficient_privilege USING MESSAGE = 'the audit log takes one''s own person and company only';
        END IF;
    END IF;
    IF NOT sdes_oversees() AND NOT NEW.audience <@ (array_remove(ARRAY[me], NULL)
        || ARRAY(SELECT o.id::bigint FROM company o WHERE o.kind = 'provider') || ARRAY(
        SELECT p.other_company::bigint FROM communication_party p JOIN communication c ON c.id = p.communication
         WHERE c.reference = NEW.subject AND p.company = me)) THEN
        RAISE insufficient_privilege USING MESSAGE = 'an audit entry is shown to the parties of its subject only';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER audit_entry_is_true BEFORE INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_is_true();

-- The audit log is never changed, by anybody (SD 13.1).
CREATE OR REPLACE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'the audit log is never changed';
END $$;
CREATE OR REPLACE TRIGGER audit_entry_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_final();

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sdes_company(), sdes_enter(bytea, timestamptz, interval, boolean), sdes_find_account(text),
    sdes_enter_by_key(bytea, timestamptz, int), sdes_taken_addresses(text[]), sdes_find_link(bytea, timestamptz),
    sdes_find_passkey(bytea), sdes_find_grant(bytea), sdes_domains_of_others(text[]),
    sdes_providers_at(text), sdes_disable_identity_provider(int),
    sdes_oversees(), sdes_master_admins(),
    market_participant_once(), company_is_not_its_own_judge(), mail_waiting(),
    sdes_figures(timestamptz, interval, interval), sdes_migration(),
    sdep_open_communication(int, int, int, text, jsonb, timestamptz, timestamptz),
    sdep_tell_parties(bigint, int, timestamptz), sdep_notify(bigint, int, timestamptz),
    sdep_index(bigint, text, text), sdep_index_tags(bigint, text), sdep_query(text[], text), sdep_found(tsquery, int),
    sdep_matches(bigint, tsquery), sdes_keeps_catalogue(),
    sdep_open_count(int, int, text, text), sdep_was_used(int), catalogue_end_levels(int),
    sdep_stamping(), sdep_known_until(),
    sdep_portal_volumes(timestamptz, timestamptz, timestamptz), sdep_portal_months(timestamptz, timestamptz),
    sdep_portal_overdue(timestamptz),
    sdep_report_communications(int, timestamptz, timestamptz, timestamptz, text, text, boolean),
    sdep_report_messages(int, timestamptz, timestamptz, timestamptz, timestamptz, text, text),
    sdep_report_levels(int, timestamptz, timestamptz, text, text, boolean) TO sdes_web;
