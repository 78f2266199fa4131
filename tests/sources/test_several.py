"""Several sources of one sky: the better one wins, nothing is said twice."""

import skies
from support import wait
from test_liars import hexes


def serve(objects):
    """A server whose objects may be changed while it runs."""
    return skies.Web(lambda request: skies.send(request, 200, skies.document(objects)))


def source(web, name):
    return f"readsb+http://{web.place}/aircraft.json?poll_s=0.2&name={name}"


def flight(server):
    return server.json("/api/v1/flights")["flights"][0]


def test_the_same_words_are_sent_once(daemon):
    rows = skies.aircraft(("4b1814",))
    a, b = serve(rows), serve(rows)
    server = daemon(source=[source(a, "a"), source(b, "b")])
    wait.until(lambda: hexes(server), 10)

    def counted():
        metrics = server.metrics()
        return [sum(metrics.value(f"flightdash_source_{what}_total", source=name)
                    for name in "ab") for what in ("records", "duplicates")]

    wait.until(lambda: counted()[0] >= 40, 20)
    read, dropped = counted()
    assert dropped > read * 0.6, f"of {read} only {dropped} dropped: at most one a second is news"
    assert flight(server)["gs"] == 400.5
    a.stop()
    b.stop()


def test_ads_b_before_mlat_while_it_is_fresh(daemon):
    mlat = skies.aircraft(("4b1814",), lat=10, lon=10, type="mlat", squawk="1234")
    adsb = skies.aircraft(("4b1814",), lat=20, lon=20)
    worse, better = serve(mlat), serve(adsb)
    server = daemon(source=[source(worse, "worse"), source(better, "better")])
    wait.until(lambda: hexes(server) and flight(server)["lat"] == 20 and
               flight(server).get("squawk") == "1234", 10)
    seen = set()

    def look():
        now = flight(server)
        seen.add((now["lat"], now["lon"], now["type"], now["squawk"]))
        return server.metrics().value("flightdash_source_records_total", source="worse") >= 20

    wait.until(look, 20)
    assert seen == {(20, 20, "adsb_icao", "1234")}
    adsb.clear()
    wait.until(lambda: (flight(server)["lat"], flight(server)["type"]) == (10, "mlat"), 20)
    worse.stop()
    better.stop()
