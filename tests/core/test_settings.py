"""A wrong setting stops the start, with every fault named; no secret is ever shown."""

import base64
from pathlib import Path

import pytest

from core.settings import Settings, SettingsError, demo_key

SECRETS = {"encryption": bytes(range(32)), "index": bytes(range(1, 33)), "signing": bytes(range(2, 34))}


def written(key: bytes) -> str:
    return base64.b64encode(key).decode()


def production(**more: str) -> dict[str, str]:
    return {
        "YKT_ENV": "production",
        "YKT_BASE_URL": "https://ykt.example.gov.cn",
        "YKT_ENCRYPTION_KEYS": f"1:{written(SECRETS['encryption'])}",
        "YKT_INDEX_KEY": written(SECRETS["index"]),
        "YKT_SIGNING_KEY": written(SECRETS["signing"]),
        "YKT_SMS_GATEWAY": "none",
        "YKT_PROXIES": "1",
    } | more


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(environ)
    return caught.value.faults


def test_a_public_address_says_whether_it_is_meant() -> None:
    address = {"YKT_BASE_URL": "https://ykt.example.gov.cn"}
    assert any(fault.startswith("YKT_ENV") for fault in faults(address))
    assert not Settings.from_environment(address | {"YKT_ENV": "demo"}).is_production


def test_nothing_set_is_the_demo_county() -> None:
    settings = Settings.from_environment({})
    assert not settings.is_production
    assert settings.doors == {"public", "staff"}
    assert settings.database_url == f"sqlite:///{Path('instance').resolve() / 'yikatong.sqlite'}"
    assert settings.jobs_url == f"sqlite:///{Path('instance').resolve() / 'jobs.sqlite'}"
    assert settings.keys.encryption == {1: demo_key("encryption")}


def test_production_starts_with_keys_of_its_own_and_https() -> None:
    settings = Settings.from_environment(production())
    assert settings.is_production
    assert settings.keys.signing == SECRETS["signing"]


def test_production_says_how_many_proxies_stand_in_front() -> None:
    """Left to a default of none, everybody behind a proxy had one address, and shared its limits."""
    assert [fault for fault in faults(production(YKT_PROXIES="")) if "YKT_PROXIES" in fault]
    assert Settings.from_environment(production(YKT_PROXIES="0")).proxies == 0


@pytest.mark.parametrize("gateway", ["", "simulated"])
def test_production_does_not_play_at_sending(gateway: str) -> None:
    assert [fault for fault in faults(production(YKT_SMS_GATEWAY=gateway)) if "YKT_SMS_GATEWAY" in fault]


def test_all_faults_are_said_at_once() -> None:
    found = faults(
        {
            "YKT_ENV": "production",
            "YKT_DOORS": "public,back",
            "YKT_BASE_URL": "http://ykt.example.gov.cn",
            "YKT_DATABASE_URL": "mysql://host/name",
            "YKT_JOBS_URL": "immediate",
            "YKT_SMS_GATEWAY": "pigeon",
            "YKT_CIPHER": "rot13",
            "YKT_PROXIES": "9",
            "YKT_COUNTY_CODE": "５１３４２６００００００",
            "YKT_UPLOAD_MEGABYTES": "9" * 6000,
            "YKT_INDEX_KEY": "short",
            "YKT_CLAMD": "localhost",
        }
    )
    named = {fault.split("：")[0] for fault in found}
    assert named == {
        "YKT_DOORS",
        "YKT_BASE_URL",
        "YKT_DATABASE_URL",
        "YKT_JOBS_URL",
        "YKT_SMS_GATEWAY",
        "YKT_CIPHER",
        "YKT_PROXIES",
        "YKT_COUNTY_CODE",
        "YKT_UPLOAD_MEGABYTES",
        "YKT_INDEX_KEY",
        "YKT_CLAMD",
        "YKT_ENCRYPTION_KEYS",
        "YKT_SIGNING_KEY",
    }


@pytest.mark.parametrize("name", ["encryption", "index", "signing"])
def test_production_refuses_each_demo_key(name: str) -> None:
    variable = {"encryption": "YKT_ENCRYPTION_KEYS", "index": "YKT_INDEX_KEY", "signing": "YKT_SIGNING_KEY"}[name]
    key = written(demo_key(name))
    found = faults(production(**{variable: f"1:{key}" if name == "encryption" else key}))
    assert found == ["密钥：生产环境不能使用演示密钥。"]


def test_a_demo_key_is_refused_as_an_old_key_and_under_another_purpose_too() -> None:
    old = f"2:{written(SECRETS['encryption'])},1:{written(demo_key('encryption'))}"
    assert faults(production(YKT_ENCRYPTION_KEYS=old))
    assert faults(production(YKT_INDEX_KEY=written(demo_key("signing"))))


def test_some_keys_without_the_others_are_not_quietly_replaced() -> None:
    found = faults({"YKT_INDEX_KEY": written(SECRETS["index"])})
    assert [fault.split("：")[0] for fault in found] == ["YKT_ENCRYPTION_KEYS", "YKT_SIGNING_KEY"]


def test_one_key_for_two_purposes_is_refused() -> None:
    assert faults(production(YKT_SIGNING_KEY=written(SECRETS["index"])))


def test_the_first_encryption_key_is_the_current_one() -> None:
    pairs = f"7:{written(bytes(32))}, 3:{written(SECRETS['encryption'])}"
    keys = Settings.from_environment(production(YKT_ENCRYPTION_KEYS=pairs)).keys
    assert keys.current == 7
    assert set(keys.encryption) == {7, 3}


@pytest.mark.parametrize("pairs", ["0:{key}", "256:{key}", "1:{key},1:{key}", "{key}", "1:", "²:{key}", "1:abc"])
def test_a_malformed_list_of_keys_is_named(pairs: str) -> None:
    found = faults(production(YKT_ENCRYPTION_KEYS=pairs.format(key=written(SECRETS["encryption"]))))
    assert all("YKT_ENCRYPTION_KEYS" in fault or fault.startswith("密钥") for fault in found)


@pytest.mark.parametrize(
    "url",
    [
        "ykt",
        "ftp://ykt.example",
        "http://",
        "http://[::1",
        "https://h:99999",
        "https://h/a",
        "https://h?x=1",
        "https://u:p@h",
    ],
)
def test_a_base_address_is_a_whole_address_without_a_path(url: str) -> None:
    found = faults({"YKT_BASE_URL": url})
    assert len(found) == 1
    assert found[0].startswith("YKT_BASE_URL")


@pytest.mark.parametrize("url", ["sqlite://", "postgresql://host:port/name", "mysql://h/n", "nonsense"])
def test_a_database_address_that_cannot_be_read_is_named(url: str) -> None:
    assert faults({"YKT_DATABASE_URL": url})[0].startswith("YKT_DATABASE_URL")


def test_twilio_needs_its_access_and_in_production_https() -> None:
    found = faults(production(YKT_SMS_GATEWAY="twilio", YKT_TWILIO_API_BASE="http://127.0.0.1:9"))
    assert {fault.split("：")[0] for fault in found} == {
        "YKT_TWILIO_ACCOUNT_SID",
        "YKT_TWILIO_AUTH_TOKEN",
        "YKT_TWILIO_SENDER",
        "YKT_TWILIO_API_BASE",
    }


def test_an_instance_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    assert faults({"YKT_INSTANCE": str(tmp_path / "taken")})[0].startswith("YKT_INSTANCE")
    assert faults({"YKT_INSTANCE": str(tmp_path / "taken" / "below")})[0].startswith("YKT_INSTANCE")
    assert Settings.from_environment({"YKT_INSTANCE": str(tmp_path / "new" / "below")})


def test_keys_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    secret = [f"{name}={value}" for name, value in production().items() if name.endswith(("KEY", "KEYS"))]
    path.write_text("# keys\n" + "\n".join(secret), encoding="utf-8")
    bare = {"YKT_ENV": "production", "YKT_BASE_URL": "https://h", "YKT_PROXIES": "0", "YKT_SMS_GATEWAY": "none"}
    environ = bare | {"YKT_KEY_FILE": str(path)}
    assert Settings.from_environment(environ).keys.index == SECRETS["index"]


def test_a_key_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    assert faults({"YKT_KEY_FILE": str(path)})[0].startswith("YKT_KEY_FILE")
    path.write_bytes(b"\xff\xfe\x00k")
    assert faults({"YKT_KEY_FILE": str(path)})[0].startswith("YKT_KEY_FILE")


def test_what_is_printed_of_settings_and_faults_shows_no_secret() -> None:
    environ = production(
        YKT_DATABASE_URL="postgresql://ykt:hunter2@db/ykt",
        YKT_JOBS_URL="redis://:hunter2@redis/0",
        YKT_SMS_GATEWAY="twilio",
        YKT_TWILIO_ACCOUNT_SID="AC1",
        YKT_TWILIO_AUTH_TOKEN="hunter2",
        YKT_TWILIO_SENDER="+1",
    )
    shown = repr(Settings.from_environment(environ))
    assert "hunter2" not in shown
    for key in SECRETS.values():
        assert repr(key)[2:-1] not in shown
        assert written(key) not in shown
    broken = {name: value + "!" for name, value in environ.items()}
    said = "\n".join(faults(broken))
    assert "hunter2" not in said
    assert not any(written(key) in said for key in SECRETS.values())
