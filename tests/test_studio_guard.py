"""Who gets in: one browser by an address that is good once, and nobody by another site's page."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from studio_client import Client, studio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Server


@pytest.fixture(scope="module")
def client(pg18: Server) -> Iterator[Client]:
    url = pg18.create()
    with studio(url) as found:
        yield found
    pg18.drop(url)


def stranger(client: Client) -> Client:
    return Client(client.address)


class TestEntrance:
    """The token and the cookie."""

    def test_a_token_lets_one_browser_in_once(self, client: Client) -> None:
        path = client.address.entrance().partition(client.host)[2]
        first, second = stranger(client).send("GET", path), stranger(client).send("GET", path)
        assert first.status == 200
        cookie = first.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        assert second.status == 403
        assert "set-cookie" not in second.headers
        assert b"used before" in second.body

    def test_who_is_in_may_come_by_a_used_address_again(self, client: Client) -> None:
        path = client.address.entrance().partition(client.host)[2]
        assert stranger(client).send("GET", path).status == 200
        assert client.send("GET", path).status == 200

    @pytest.mark.parametrize("token", ["", "x", "%00", "a" * 43, "%ff%fe"])
    def test_no_other_token_does(self, client: Client, token: str) -> None:
        answer = stranger(client).send("GET", f"/enter?token={token}")
        assert answer.status == 403
        assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize(
        "path", ["/", "/api/overview", "/api/rows?schema=public&table=t", "/assets/index.html", "/sql", "/nowhere"]
    )
    def test_without_a_cookie_nothing_is_served(self, client: Client, path: str) -> None:
        answer = stranger(client).send("GET", path)
        assert answer.status == 401
        assert b"<script" not in answer.body

    @pytest.mark.parametrize("value", ["", "x", "a" * 43, 'x"; mizzle_studio=1', "\x7f"])
    def test_nor_with_a_made_up_one(self, client: Client, value: str) -> None:
        headers = {"cookie": f"mizzle_studio_{client.address.port}={value}"}
        assert stranger(client).send("GET", "/api/overview", headers=headers).status == 401

    def test_nothing_is_told_of_where_the_database_is(self, client: Client, pg18: Server) -> None:
        assert str(pg18.port) not in client.get("overview").body.decode()
        assert str(pg18.folder) not in client.get("overview").body.decode()


class TestOtherSites:
    """What a page of another site could have the browser send."""

    @pytest.mark.parametrize(
        "host",
        ["evil.example", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", "localhost.:{port}", "", None],
    )
    def test_another_host_is_none_of_ours(self, client: Client, host: str | None) -> None:
        """DNS rebinding: a name of the attacker's that points here."""
        said = host and host.replace("{port}", str(client.address.port))
        assert client.send("GET", "/api/overview", headers={"host": said}).status in {400, 421}
        path = client.address.entrance().partition(client.host)[2]
        assert client.send("GET", path, headers={"host": said}).status in {400, 421}

    def test_localhost_is_the_same_machine(self, client: Client) -> None:
        headers = {"host": f"localhost:{client.address.port}"}
        assert client.send("GET", "/api/overview", headers=headers).status == 200

    @pytest.mark.parametrize(
        "origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1"]
    )
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_another_origin_is_refused(self, client: Client, origin: str, method: str) -> None:
        headers = {"origin": origin.replace("{port}", str(client.address.port))}
        path, body = ("/api/overview", None) if method == "GET" else ("/api/sql", b'{"sql": "select 1"}')
        assert client.send(method, path, body, headers=headers).status == 403

    def test_a_post_says_where_it_comes_from(self, client: Client) -> None:
        assert client.send("POST", "/api/sql", b'{"sql": "select 1"}', headers={"origin": None}).status == 403

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_a_request_of_another_site_is_refused_though_it_has_the_cookie(self, client: Client, site: str) -> None:
        assert client.send("GET", "/api/overview", headers={"sec-fetch-site": site}).status == 403
        assert client.send("GET", "/", headers={"sec-fetch-site": site}).status == 403

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
    def test_what_a_form_can_send_is_not_json(self, client: Client, kind: str | None) -> None:
        answer = client.send("POST", "/api/sql", b'{"sql": "select 1"}', headers={"content-type": kind})
        assert answer.status == 415

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
    def test_no_other_method(self, client: Client, method: str) -> None:
        headers = {"origin": f"http://{client.host}"}
        assert client.send(method, "/api/overview", headers=headers).status == 405

    def test_no_answer_allows_another_origin(self, client: Client) -> None:
        answer = client.get("overview")
        assert not [name for name in answer.headers if name.startswith("access-control")]


class TestAnswers:
    """What every answer carries, and what none does."""

    @pytest.mark.parametrize("path", ["/", "/api/overview", "/api/nowhere", "/assets/icon.svg"])
    def test_each_has_the_policy(self, client: Client, path: str) -> None:
        headers = client.send("GET", path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert "server" not in headers

    def test_a_nonce_is_good_for_one_answer(self, client: Client) -> None:
        first, second = (client.send("GET", "/").headers["content-security-policy"] for _ in range(2))
        assert first != second

    @pytest.mark.parametrize(
        "path",
        [
            "/assets/../app.py",
            "/assets/..%2fapp.py",
            "/assets/%2e%2e/app.py",
            "/assets/%2e%2e%2f%2e%2e%2fcli/main.py",
            "/assets/..\\app.py",
            "/assets//etc/passwd",
            "/assets/%00",
            "//etc/passwd",
            "/data/../../etc/passwd",
        ],
    )
    def test_no_file_but_the_pages_own(self, client: Client, path: str) -> None:
        answer = client.send("GET", path)
        assert answer.status in {200, 404}
        assert b"root:" not in answer.body
        assert b"import " not in answer.body[:2000]

    def test_a_body_has_an_end(self, client: Client) -> None:
        assert client.send("POST", "/api/sql", b'"' + b"x" * 1_100_000 + b'"').status == 413

    def test_also_one_that_does_not_say_how_long_it_is(self, client: Client) -> None:
        with socket.create_connection(("127.0.0.1", client.address.port), timeout=20) as line:
            head = (
                f"POST /api/sql HTTP/1.1\r\nHost: {client.host}\r\nOrigin: http://{client.host}\r\n"
                f"Cookie: {client.cookie}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            line.sendall(head.encode())
            chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
            try:
                for _ in range(40):
                    line.sendall(chunk)
                line.sendall(b"0\r\n\r\n")
                answer = line.recv(100)
            except ConnectionError:
                answer = b""
        assert b" 200 " not in answer
