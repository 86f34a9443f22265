-- Provide the database of one service: an owner that migrates, and a role that owns nothing, which
-- the service uses. Run it as an administrator, once a service; running it again changes nothing
-- but the passwords. Without passwords in the environment the roles log in as the server is set up
-- to let them (certificates, peer authentication).
--
--   OWNER_PASSWORD=… SERVICE_PASSWORD=… psql -v service=supplier -f provision.sql

\set ON_ERROR_STOP on
\set owner :service _owner
\set owner_password ''
\set service_password ''
\getenv owner_password OWNER_PASSWORD
\getenv service_password SERVICE_PASSWORD

SELECT format('CREATE ROLE %I', role)
FROM unnest(ARRAY[:'owner', :'service']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)
\gexec

-- BYPASSRLS or SUPERUSER would pull down the wall between tenants.
ALTER ROLE :"owner" LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
ALTER ROLE :"service" LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
-- Who waits for another writer gives up at last; a process that is cut off in the middle of a
-- transaction does not hold its tenant's lock for long.
ALTER ROLE :"service" SET lock_timeout = '30s';
ALTER ROLE :"service" SET idle_in_transaction_session_timeout = '60s';
SELECT format('ALTER ROLE %I PASSWORD %L', role, password)
FROM (VALUES (:'owner', :'owner_password'), (:'service', :'service_password')) AS t (role, password)
WHERE password <> ''
\gexec

-- Locale C: texts are ordered by their bytes, as on SQLite and whatever the system's libraries say.
SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' LOCALE ''C'' TEMPLATE template0', :'service', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service')
\gexec
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"service";

\connect :"service"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO :"owner";
GRANT USAGE ON SCHEMA public TO :"service";
-- What migrations will make: rows are for the service, tables stay the owner's.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"service";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
    GRANT USAGE ON SEQUENCES TO :"service";
