"""https sources: the certificate is always checked; ca_file says whom to believe."""

import ssl
import subprocess

import skies
from support import wait
from test_liars import check_of, errors, hexes


def certificate(folder):
    """A certificate for 127.0.0.1 that no system trusts."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return key, cert


def test_only_a_certificate_that_is_vouched_for(daemon, tmp_path):
    key, cert = certificate(tmp_path)
    web = skies.Web(lambda request: skies.send(request, 200, skies.document()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    web.server.socket = context.wrap_socket(web.server.socket, server_side=True)
    url = f"readsb+https://{web.place}/aircraft.json?poll_s=0.5"
    server = daemon(source=[f"{url}&name=doubted", f"{url}&name=believed&ca_file={cert}"])
    wait.until(lambda: errors(server, "doubted", "tls"), 10)
    assert "certificate" in check_of(server, "doubted")["output"]
    wait.until(lambda: hexes(server) == {"4b1814", "4b1815"}, 10)
    assert {f["src"] for f in server.json("/api/v1/flights")["flights"]} == {"believed"}
    assert "ca_file" not in "".join(web.requests)
    web.stop()
