-- Roles and schemas of Baton, once in each database: by a superuser, with psql. Again changes nothing
-- but passwords. Each role owns its schema and sees no other. What a service needs inside of it,
-- `python -m SERVICE migrate` makes.
--
--   INGEST_PASSWORD=… SCORING_PASSWORD=… ROUTING_PASSWORD=… SLA_MONITOR_PASSWORD=… \
--   INSIGHTS_PASSWORD=… psql -d baton -f prepare.sql
\set ON_ERROR_STOP on
\getenv ingest INGEST_PASSWORD
\getenv scoring SCORING_PASSWORD
\getenv routing ROUTING_PASSWORD
\getenv sla_monitor SLA_MONITOR_PASSWORD
\getenv insights INSIGHTS_PASSWORD

\if :{?ingest}
\else
    DO $$ BEGIN RAISE EXCEPTION 'INGEST_PASSWORD is not set: the role ingest needs a password'; END $$;
\endif
\if :{?scoring}
\else
    DO $$ BEGIN RAISE EXCEPTION 'SCORING_PASSWORD is not set: the role scoring needs a password'; END $$;
\endif
\if :{?routing}
\else
    DO $$ BEGIN RAISE EXCEPTION 'ROUTING_PASSWORD is not set: the role routing needs a password'; END $$;
\endif
\if :{?sla_monitor}
\else
    DO $$ BEGIN RAISE EXCEPTION 'SLA_MONITOR_PASSWORD is not set: the role sla_monitor needs a password'; END $$;
\endif
\if :{?insights}
\else
    DO $$ BEGIN RAISE EXCEPTION 'INSIGHTS_PASSWORD is not set: the role insights needs a password'; END $$;
\endif

BEGIN;
CREATE TEMPORARY TABLE service ON COMMIT DROP AS
SELECT * FROM (VALUES
    ('ingest', :'ingest'),
    ('scoring', :'scoring'),
    ('routing', :'routing'),
    ('sla_monitor', :'sla_monitor'),
    ('insights', :'insights')
) AS told (name, password);

SELECT format('CREATE ROLE %I LOGIN', name) FROM service
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec
SELECT format('ALTER ROLE %I PASSWORD %L', name, password) FROM service
\gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database())
\gexec
SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', current_database(), name) FROM service
\gexec
SELECT format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', name, name) FROM service
\gexec
SELECT format('ALTER ROLE %I IN DATABASE %I SET search_path = %I', name, current_database(), name)
FROM service
\gexec
COMMIT;
