"""The only reader of the environment: every setting, its default and its meaning, as one frozen record."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

MOST = 10**9  # of any whole number
HOME_OF_THE_PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """What the operator may decide. Times are `timedelta`, sizes are bytes."""

    home: Path
    port: int = 8000
    host: str = "127.0.0.1"  # beyond loopback only with TLS or a proxy that ends it
    processes: int = 1  # that serve the web application, each with a pool of its own
    tls_cert: Path | None = None  # the certificate and those above it, in PEM form
    tls_key: Path | None = None  # its private key, where that is a file of its own
    proxies: tuple[str, ...] = ()  # whose X-Forwarded-For and X-Forwarded-Proto are believed
    grace: timedelta = timedelta(seconds=5)  # what is under way when the web application is to end may take as long
    database_url: str | None = None  # the web's login: owns nothing, bound by row-level security
    database_owner_url: str | None = None  # migrations and the system's own jobs
    database_pool: int = 16
    database_pooler: bool = False  # whether `database_url` is that of a pooler in transaction mode, such as pgbouncer
    blob_url: str = ""
    blob_account_key: str | None = field(default=None, repr=False)
    clamd_socket: Path | None = None
    clamd_database: Path = Path("/var/lib/clamav")
    master_key: str | None = field(default=None, repr=False)
    public_url: str = "http://localhost:8000"  # what links in mails begin with
    smtp_url: str | None = field(default=None, repr=False)  # smtp://user:password@host:587, always with STARTTLS
    smtp_certificates: Path | None = None  # whom the mail server's certificate is to be signed by, if not the system's
    mail_from: str = "SDES <no-reply@sdes.example>"
    demo_password: str | None = field(default=None, repr=False)
    demo: bool = False
    https: bool = False  # cookies get the __Host- prefix and Secure, answers get HSTS; with TLS or a proxy by itself
    log: str = ""  # "json" or "text"; by default text for a terminal, JSON for anything else
    metrics_token: str | None = field(default=None, repr=False)  # whoever bears it reads /metrics; without it nobody
    otlp_url: str | None = None  # where spans are sent by OTLP over HTTP, such as https://collector:4318/v1/traces
    backup_to: Path | None = None  # the folder into which the worker takes a backup each night; without it none
    backup_expected: timedelta = timedelta(hours=26)  # the status page warns when the last backup is older
    backup_keep: timedelta = timedelta(days=30)  # backups older than this are removed: what is deleted is gone then
    session_idle: timedelta = timedelta(minutes=30)
    session_absolute: timedelta = timedelta(hours=12)
    session_warning: timedelta = timedelta(minutes=2)

    @property
    def cookie(self) -> str:
        return "__Host-sdes" if self.https else "sdes"

    @property
    def form_cookie(self) -> str:
        return f"{self.cookie}-form"

    @property
    def browser_cookie(self) -> str:
        return f"{self.cookie}-browser"


def load() -> Settings:
    """The settings of this process, from its environment; a value that cannot be read ends the program."""
    home = Path(_text("SDES_HOME") or HOME_OF_THE_PROJECT / "var").absolute()
    socket = _text("CLAMD_SOCKET")
    port = _whole("PORT", 8000)
    certificates = _text("SMTP_CERTIFICATES")
    tls_cert, proxies = _file("SDES_TLS_CERT"), _list("SDES_PROXIES")
    https = _text("SDES_HTTPS") == "1" or tls_cert is not None or bool(proxies)
    return Settings(
        home=home,
        port=port,
        host=_text("SDES_HOST") or "127.0.0.1",
        processes=_whole("SDES_PROCESSES", 1),
        tls_cert=tls_cert,
        tls_key=_file("SDES_TLS_KEY"),
        proxies=proxies,
        grace=timedelta(seconds=_whole("SDES_GRACE", 5)),
        public_url=_text("SDES_PUBLIC_URL") or f"{'https' if https else 'http'}://localhost:{port}",
        smtp_url=_text("SMTP_URL"),
        smtp_certificates=Path(certificates) if certificates else None,
        mail_from=_text("MAIL_FROM") or "SDES <no-reply@sdes.example>",
        database_url=_text("DATABASE_URL"),
        database_owner_url=_text("DATABASE_OWNER_URL"),
        database_pool=_whole("DATABASE_POOL", 16),
        database_pooler=_text("DATABASE_POOLER") == "1",
        blob_url=_text("BLOB_URL") or f"file://{home / 'blobs'}",
        blob_account_key=_text("BLOB_ACCOUNT_KEY"),
        clamd_socket=Path(socket) if socket else None,
        clamd_database=Path(_text("CLAMD_DATABASE") or "/var/lib/clamav"),
        master_key=_text("SDES_MASTER_KEY"),
        demo_password=_text("SDES_DEMO_PASSWORD"),
        demo=_text("SDES_DEMO") == "1",
        https=https,
        log=_one_of("SDES_LOG", "json", "text"),
        metrics_token=_text("SDES_METRICS_TOKEN"),
        otlp_url=_text("SDES_OTLP_URL"),
        backup_to=_file("SDES_BACKUP_TO"),
        backup_expected=timedelta(hours=_whole("SDES_BACKUP_EXPECTED_HOURS", 26, least=1, most=24 * 366)),
        backup_keep=timedelta(days=_whole("SDES_BACKUP_KEEP_DAYS", 30, least=1, most=3650)),
        session_idle=timedelta(seconds=_whole("SDES_SESSION_IDLE", 30 * 60)),
        session_absolute=timedelta(seconds=_whole("SDES_SESSION_ABSOLUTE", 12 * 3600)),
        session_warning=timedelta(seconds=_whole("SDES_SESSION_WARNING", 2 * 60)),
    )


def _text(name: str) -> str | None:
    return os.environ.get(name, "").strip() or None


def _file(name: str) -> Path | None:
    value = _text(name)
    return Path(value).absolute() if value else None


def _list(name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in (_text(name) or "").split(",") if part.strip())


def _one_of(name: str, *values: str) -> str:
    value = _text(name) or ""
    if value and value not in values:
        raise SystemExit(f"{name} must be {' or '.join(values)}, not “{value}”.")
    return value


def _whole(name: str, default: int, *, least: int = 0, most: int = MOST) -> int:
    value = _text(name)
    if value is None:
        return default
    if not value.isdecimal():
        raise SystemExit(f"{name} must be a whole number, not “{value}”.")
    if not least <= int(value) <= most:
        raise SystemExit(f"{name} must be a whole number from {least} to {most}, not {value}.")
    return int(value)
