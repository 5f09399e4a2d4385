"""Whether a database may be restored into, and making it bare."""

from sdes.database.policies import WEB_LOGIN
from sdes.kit import db, restoring
from sdes.kit.errors import Refused

_RELATIONS = "SELECT count(*) AS n FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
_IS_OURS = "SELECT to_regclass('public.company') IS NOT NULL AND to_regclass('public.migration') IS NOT NULL AS ours"
_COMPANIES = "SELECT count(*) AS n FROM company"
_IS_OWNER = "SELECT pg_has_role(datdba, 'MEMBER') AS owns FROM pg_database WHERE datname = current_database()"
_VISITORS = "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND usename = $1"
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
    was cut off may be restored into. Refuses other logins than the owner's, and while the web application runs."""
    if not (await db.fetch(_IS_OWNER))[0]["owns"]:
        raise Refused("Only the owner's login may restore. Set DATABASE_OWNER_URL to it.")
    if (await db.fetch(_VISITORS, WEB_LOGIN))[0]["n"]:
        raise Refused("The web application is connected to this database. Stop it and the worker, then restore.")
    if await restoring.is_unfinished() or not (await db.fetch(_RELATIONS))[0]["n"]:
        return
    if not (await db.fetch(_IS_OURS))[0]["ours"]:
        raise Refused("The database holds tables that are not of SDES. Restore into an empty database.")
    if companies := (await db.fetch(_COMPANIES))[0]["n"]:
        raise Refused(
            f"The database is not empty: it holds {companies} companies. Nothing was changed. Restore into an empty "
            "database, and keep this one until you are sure that it is not needed."
        )


async def clear() -> None:
    """Drops every table and function there is."""
    await db.fetch(_CLEAR)
