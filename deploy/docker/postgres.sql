-- What the services of deploy/compose.yaml find in PostgreSQL before their first migration: a role and
-- a schema each, and the clock that all read. Runs once, in the database "baton", as its superuser.
-- The passwords are known to everybody: the server is reached from compose's own network only.
REVOKE ALL ON DATABASE baton FROM PUBLIC;

CREATE SCHEMA IF NOT EXISTS clock;
CREATE TABLE IF NOT EXISTS clock.clock_simulated (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    now timestamptz NOT NULL
);
CREATE OR REPLACE FUNCTION clock.clock_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT coalesce((SELECT now FROM clock.clock_simulated), clock_timestamp())';
CREATE OR REPLACE FUNCTION clock.clock_advance(t timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = clock, pg_temp AS $$
DECLARE
    reached timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('clock.clock_advance'));
    reached := clock.clock_now();
    IF t IS NULL OR t < reached THEN
        RAISE EXCEPTION 'the clock only moves forward: it stands at %, asked for %', reached, t
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO clock_simulated AS c (now) VALUES (t)
        ON CONFLICT (one) DO UPDATE SET now = excluded.now;
    PERFORM pg_notify('clock', 'clock');
    RETURN t;
END $$;
REVOKE ALL ON FUNCTION clock.clock_advance(timestamptz) FROM PUBLIC;

CREATE ROLE ingest LOGIN PASSWORD 'ingest';
GRANT CONNECT, TEMPORARY ON DATABASE baton TO ingest;
CREATE SCHEMA ingest AUTHORIZATION ingest;
GRANT USAGE ON SCHEMA clock TO ingest;
GRANT SELECT ON clock.clock_simulated TO ingest;
GRANT EXECUTE ON FUNCTION clock.clock_advance(timestamptz) TO ingest;
ALTER ROLE ingest SET search_path = ingest, clock;

CREATE ROLE scoring LOGIN PASSWORD 'scoring';
GRANT CONNECT, TEMPORARY ON DATABASE baton TO scoring;
CREATE SCHEMA scoring AUTHORIZATION scoring;
GRANT USAGE ON SCHEMA clock TO scoring;
GRANT SELECT ON clock.clock_simulated TO scoring;
GRANT EXECUTE ON FUNCTION clock.clock_advance(timestamptz) TO scoring;
ALTER ROLE scoring SET search_path = scoring, clock;

CREATE ROLE routing LOGIN PASSWORD 'routing';
GRANT CONNECT, TEMPORARY ON DATABASE baton TO routing;
CREATE SCHEMA routing AUTHORIZATION routing;
GRANT USAGE ON SCHEMA clock TO routing;
GRANT SELECT ON clock.clock_simulated TO routing;
GRANT EXECUTE ON FUNCTION clock.clock_advance(timestamptz) TO routing;
ALTER ROLE routing SET search_path = routing, clock;

CREATE ROLE sla_monitor LOGIN PASSWORD 'sla_monitor';
GRANT CONNECT, TEMPORARY ON DATABASE baton TO sla_monitor;
CREATE SCHEMA sla_monitor AUTHORIZATION sla_monitor;
GRANT USAGE ON SCHEMA clock TO sla_monitor;
GRANT SELECT ON clock.clock_simulated TO sla_monitor;
GRANT EXECUTE ON FUNCTION clock.clock_advance(timestamptz) TO sla_monitor;
ALTER ROLE sla_monitor SET search_path = sla_monitor, clock;

CREATE ROLE insights LOGIN PASSWORD 'insights';
GRANT CONNECT, TEMPORARY ON DATABASE baton TO insights;
CREATE SCHEMA insights AUTHORIZATION insights;
GRANT USAGE ON SCHEMA clock TO insights;
GRANT SELECT ON clock.clock_simulated TO insights;
GRANT EXECUTE ON FUNCTION clock.clock_advance(timestamptz) TO insights;
ALTER ROLE insights SET search_path = insights, clock;
