"""The certificates that a scheduler at tls:// asks for."""
import os
import ssl

from refusal import Refusal, first_line

# The field of Dask's Security, what it holds, its flag and its name in Dask's configuration.
FILES = {
    "ca": ("tls_ca_file", "CA certificate", "--tls-ca", "distributed.comm.tls.ca-file"),
    "cert": ("tls_client_cert", "certificate", "--tls-cert", "distributed.comm.tls.client.cert"),
    "key": ("tls_client_key", "key", "--tls-key", "distributed.comm.tls.client.key"),
}
ENCRYPTED = ("tls", "wss")


def is_encrypted(address):
    """Whether an address asks both ends for certificates."""
    return address.split("://")[0] in ENCRYPTED


def no_answer(address, error):
    """Why nobody speaks to this side; Dask's errors do not say what certificates had to do with it."""
    causes, cause = [], error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    for one in causes:
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"the CA certificate did not sign the scheduler's: {first_line(one)}"
    if isinstance(error, TimeoutError) or "Timed out" in str(error):
        return first_line(error)
    hint = (
        "it may not accept this certificate, or be at tcp://"
        if is_encrypted(address)
        else "it may ask for certificates, at tls://"
    )
    return f"{first_line(error)}; {hint}"


def require_readable(what, path):
    """Refuses a file that cannot be read, with its flag and its name in Dask's configuration."""
    _, holds, flag, option = FILES[what]
    mend = f"check {flag}, or {option} in Dask's configuration"
    try:
        with open(path, "rb") as file:
            file.read(1)
    except FileNotFoundError as error:
        raise Refusal(f"there is no TLS {holds} {path}: {mend}") from error
    except OSError as error:
        raise Refusal(f"cannot read the TLS {holds} {path} ({error.strerror}): {mend}") from error


def require_private(path):
    """Refuses a key that others may read; a group may read one that another user keeps for it."""
    status = os.stat(path)
    mode = status.st_mode & 0o777
    if mode & (0o077 if status.st_uid == os.getuid() else 0o037):
        raise Refusal(
            f"other users may read the TLS key {path} (mode {mode:04o}), and with it run code on the "
            f"cluster: chmod 600 {path}"
        )


def client_security(address, files):
    """The certificates for a scheduler at tls://, each from its flag or Dask's configuration.

    `files` holds paths under "ca", "cert" and "key"; None leaves one to the configuration.
    """
    from distributed.security import Security

    named = {FILES[what][0]: path for what, path in files.items() if path is not None}
    security = Security(require_encryption=True, **named)
    found = {what: getattr(security, field) for what, (field, *_) in FILES.items()}
    missing = [FILES[what][1] for what in ["ca", "cert"] if not found[what]]
    if missing:
        raise Refusal(
            f"{address} asks for certificates and there is no {' and no '.join(missing)}: name the "
            f"files with --tls-ca, --tls-cert and --tls-key, or in Dask's configuration under "
            f"distributed.comm.tls"
        )
    for what, path in found.items():
        if path and "\n" not in path:  # else it is the certificate itself
            require_readable(what, path)
    secret = found["key"] or found["cert"]  # a certificate's file may hold its key too
    if "\n" not in secret:
        require_private(secret)
    try:
        security.get_connection_args("client")
    except (ssl.SSLError, ValueError) as error:
        raise Refusal(
            f"cannot use the TLS files {', '.join(path for path in found.values() if path)} "
            f"({first_line(error)}): --tls-ca and --tls-cert take PEM certificates, --tls-key the "
            f"key of the latter without a password"
        ) from error
    return security
