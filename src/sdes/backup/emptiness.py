"""Whether a database may be restored into, and making it bare."""

from sdes.kit import db, restoring
from sdes.kit.errors import Refused

_RELATIONS = "SELECT count(*) AS n FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
_IS_OURS = "SELECT to_regclass('public.company') IS NOT NULL AND to_regclass('public.migration') IS NOT NULL AS ours"
_COMPANIES = "SELECT count(*) AS n FROM company"
_IS_OWNER = "SELECT pg_has_role(datdba, 'MEMBER') AS owns FROM pg_database WHERE datname = current_database()"
# Of other logins the owner does not see what kind of process it is; those without a login are the server's own.
_CONNECTED = """
SELECT usename AS login, count(*)::int AS n FROM pg_stat_activity
 WHERE datname = current_database() AND usename IS NOT NULL
   AND coalesce(backend_type, 'client backend') = 'client backend'
 GROUP BY usename ORDER BY usename
"""
_CLEAR = """
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT oid::regclass AS name FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') LOOP
        EXECUTE 'DROP TABLE IF EXISTS ' || one.name || ' CASCADE';
    END LOOP;
    FOR one IN SELECT oid::regclass AS name FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' LOOP
        EXECUTE 'DROP SEQUENCE IF EXISTS ' || one.name || ' CASCADE';
    END LOOP;
    FOR one IN SELECT oid::regprocedure AS name FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
                AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
        EXECUTE 'DROP ROUTINE IF EXISTS ' || one.name || ' CASCADE';
    END LOOP;
END $$
"""


async def refuse_inhabited() -> None:
    """Refuses a database that holds anything: only an empty one, a freshly migrated one, or one into which a restore
    was cut off may be restored into. Refuses other logins than the owner's, and while anybody else is connected."""
    if not (await db.fetch(_IS_OWNER))[0]["owns"]:
        raise Refused("Only the owner's login may restore. Set DATABASE_OWNER_URL to it.")
    await refuse_others()
    if await restoring.is_unfinished() or not (await db.fetch(_RELATIONS))[0]["n"]:
        return
    if not (await db.fetch(_IS_OURS))[0]["ours"]:
        raise Refused("The database holds tables that are not of SDES. Restore into an empty database.")
    if companies := (await db.fetch(_COMPANIES))[0]["n"]:
        raise Refused(
            f"The database is not empty: it holds {companies} companies. Nothing was changed. Restore into an empty "
            "database, and keep this one until you are sure that it is not needed."
        )


async def refuse_others() -> None:
    """Refuses while a worker, the web application or anybody else is connected to this database, whatever the login: a
    worker would send mails that came back before they are void."""
    assert db.DB.pool
    rows = await db.fetch(_CONNECTED)
    if others := sum(row["n"] for row in rows) - db.DB.pool.get_size():
        raise Refused(
            f"There are {others} other connections to this database; the logins in it are "
            f"{', '.join(row['login'] for row in rows)}. Stop the web application and the worker, end every other "
            "session, then restore."
        )


async def clear() -> None:
    """Drops every table and function there is."""
    await db.fetch(_CLEAR)
