"""The only user of keyring. Every call may block for seconds: call it off the window's thread.

Invariant: a key is kept in the operating system's store or nowhere; weak back ends count as none.
"""

from app.errors import NoSecretStore, SecretStoreLocked
from app.redact import guard

SERVICE = "esper-fleet-console"


class Credentials:
    """API keys by tenant key. keyring is imported at the first call, since it costs a tenth of a second."""

    def probe(self) -> str:
        """The name of the back end in use. Raises NoSecretStore where there is none worth the name."""
        import keyring
        import keyring.backends.chainer
        import keyring.backends.fail
        import keyring.backends.null

        backend = keyring.get_keyring()
        chosen = list(backend.backends) if isinstance(backend, keyring.backends.chainer.ChainerBackend) else [backend]
        for one in chosen:
            if isinstance(one, keyring.backends.fail.Keyring | keyring.backends.null.Keyring):
                continue
            module = type(one).__module__
            if not module.startswith("keyrings.alt"):
                return module.rsplit(".", 1)[-1]
        raise NoSecretStore

    def read(self, tenant_key: str) -> str | None:
        """The saved key, or None. Raises NoSecretStore, SecretStoreLocked."""
        import keyring
        from keyring.errors import KeyringError

        self.probe()
        try:
            token = keyring.get_password(SERVICE, tenant_key)
        except KeyringError as error:
            raise SecretStoreLocked(str(error)) from error
        if token:
            guard(token)
        return token

    def write(self, tenant_key: str, token: str) -> None:
        """Saves the key and reads it back. Raises NoSecretStore, SecretStoreLocked."""
        import keyring
        from keyring.errors import KeyringError

        guard(token)
        self.probe()
        try:
            keyring.set_password(SERVICE, tenant_key, token)
            kept = keyring.get_password(SERVICE, tenant_key)
        except KeyringError as error:
            raise SecretStoreLocked(str(error)) from error
        if kept != token:
            raise SecretStoreLocked("the secret store did not keep the key")

    def forget(self, tenant_key: str) -> None:
        """Removes the key; a key that is not there is no error. Raises NoSecretStore, SecretStoreLocked."""
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError

        self.probe()
        try:
            keyring.delete_password(SERVICE, tenant_key)
        except PasswordDeleteError:
            return
        except KeyringError as error:
            raise SecretStoreLocked(str(error)) from error
