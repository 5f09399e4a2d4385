"""The SQL that brings the grants and policies of every table to the state that `policies.py` tells."""

from collections.abc import Iterator

from sdes.database.policies import RULES, WEB_LOGIN, Rule

_QUEUE = ("saq_jobs", "saq_stats")  # of nudges: ids only, nobody's words

_GENERAL = """
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {web};
REVOKE CREATE ON SCHEMA public FROM PUBLIC, {web};
GRANT USAGE ON SCHEMA public TO {web};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {web};
DO $$ DECLARE other text; BEGIN
    FOR other IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ({known}) LOOP
        EXECUTE format('REVOKE ALL ON %I FROM {web}', other);
    END LOOP;
END $$;
"""


def scripts(tables: set[str]) -> Iterator[str]:
    """The SQL that brings grants and policies of `tables` to the state above, whatever they were before: one script for
    what is general and one a table, so that each can be carried out whole while the others are in use."""
    if unruled := tables ^ RULES.keys():
        raise RuntimeError(f"database/policies.py and the tables disagree about: {', '.join(sorted(unruled))}")
    yield _GENERAL.format(web=WEB_LOGIN, known=", ".join(f"'{table}'" for table in (*RULES, *_QUEUE)))
    for table, rule in RULES.items():
        yield ";\n".join([f'REVOKE ALL ON "{table}" FROM {WEB_LOGIN}', *_policies(table, rule)])
    for table in _QUEUE:
        yield f"REVOKE ALL ON {table} FROM {WEB_LOGIN}; GRANT SELECT, INSERT, UPDATE ON {table} TO {WEB_LOGIN}"


def _policies(table: str, rule: Rule) -> Iterator[str]:
    yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
    for verb, clause in (
        ("SELECT", rule.select),
        ("INSERT", rule.insert),
        ("UPDATE", rule.update),
        ("DELETE", rule.delete),
    ):
        name = f"web_{verb.lower()}"
        yield f'DROP POLICY IF EXISTS {name} ON "{table}"'
        if clause is None:
            continue
        condition = clause.replace("{table}", f'"{table}"')
        becomes = (rule.becomes or clause).replace("{table}", f'"{table}"')
        check = {
            "SELECT": f"USING ({condition})",
            "INSERT": f"WITH CHECK ({condition})",
            "UPDATE": f"USING ({condition}) WITH CHECK ({becomes})",
            "DELETE": f"USING ({condition})",
        }[verb]
        yield f'CREATE POLICY {name} ON "{table}" FOR {verb} TO {WEB_LOGIN} {check}'
        columns = f" ({', '.join(rule.update_columns)})" if verb == "UPDATE" else ""
        yield f'GRANT {verb}{columns} ON "{table}" TO {WEB_LOGIN}'
