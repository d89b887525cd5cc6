"""The report of a benchmark: its targets, and its tables as text."""

MIB, KIB = 1 << 20, 1 << 10


def _call(report, case, connections, tracing):
    for row in report.get("calls", []):
        if (row["case"], row["connections"], row["tracing"]) == (case, connections, tracing):
            return row
    return None


def _ratio(report, case, connections):
    row = _call(report, case, connections, "1 %")
    return row and row["ratio"]


def _to_off(report, connections):
    row = _call(report, "small", connections, "default")
    return row and row.get("to_off")


def _added_by_bridge(report):
    case = "small after 20 ms"
    bridge, bare = _call(report, case, 16, "1 %"), _call(report, case, 16, "")
    return bridge and bare and (bridge["p50_us"] - bare["p50_us"]) / 1e3


def _part(report, name):
    return next((row for row in report.get("micro", []) if row["name"] == name), None)


def _percent_of(report, name, base):
    ours, theirs = _part(report, name), _part(report, base)
    return ours and theirs and 100 * ours["ns"] / theirs["ns"]


def targets(report):
    """What was promised and was measured in this run: [{name, unit, limit, measured, met}]."""
    memory, streams = report.get("memory"), report.get("streams")
    large = _part(report, "JsonToWire/orders_100")
    table = [
        ("small call, 16 connections", "times the bare client's CPU", 2.3, _ratio(report, "small", 16)),
        ("small call, 64 connections", "times the bare client's CPU", 2.3, _ratio(report, "small", 64)),
        ("medium call, 16 connections", "times the bare client's CPU", 4.0, _ratio(report, "medium", 16)),
        ("medium call, 64 connections", "times the bare client's CPU", 4.0, _ratio(report, "medium", 64)),
        *((f"small call, {connections} connections, tracing as by default", "times the CPU with tracing off", 1.05,
           _to_off(report, connections)) for connections in (16, 64)),
        ("message of a stream of 1,000 small", "times the bare client's CPU", 3.0,
         _ratio(report, "message of a stream of 1,000 small", 16)),
        ("page of a list of 1,000 tools", "times the bare client's CPU", 2.6,
         _ratio(report, "list of 1,000 tools, a page", 16)),
        ("upstream of 20 ms: p50 added", "ms", 0.6, _added_by_bridge(report)),
        ("resident with 1,000 tools", "MiB", 64, memory and memory["tools_1000"]["used_bytes"] / MIB),
        ("idle connection", "KiB", 8, memory and memory["idle_connection_bytes"] / KIB),
        ("10,000 messages of 1 kB, read with 10 kB/s", "MiB more", 8, streams and streams["slow_reader_bytes"] / MIB),
        ("… of which the upstream has sent after 20 s", "messages", 9_999, streams and streams["slow_reader_sent"]),
        ("one of 1,000 streams", "KiB", 64, streams and streams["stream_bytes"] / KIB),
        ("client that never reads is ended", "s", 35, streams and streams["never_reads_seconds"]),
        ("ready with 500 methods", "s", 1, memory and memory["ready_500_methods_seconds"]),
        # A thirtieth; the other way about, 600 MB/s.
        ("order of 1 kB, JSON to wire", "% of json_util's CPU", 3.33,
         _percent_of(report, "JsonToWire/order_1kb", "JsonUtilToWire/order_1kb")),
        ("order of 1 kB, wire to JSON", "% of json_util's CPU", 3.33,
         _percent_of(report, "WireToJson/order_1kb", "JsonUtilToJson/order_1kb")),
        ("orders of 114 kB, JSON to wire", "ns a byte", 1.66, large and 1e3 / large["mb_per_s"]),
    ]
    return [{"name": name, "unit": unit, "limit": limit, "measured": round(measured, 3), "met": measured <= limit}
            for name, unit, limit, measured in table if measured is not None]


def _table(head, lines):
    """Columns as wide as they need; the first to the left, the others to the right."""
    widths = [max(len(line[i]) for line in [head, *lines]) for i in range(len(head))]

    def row(line):
        return "  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))])

    rows = [row(head), row(["-" * width for width in widths]), *map(row, lines)]
    return "\n".join(line.rstrip() for line in rows)


def _call_line(row):
    client = row.get("client_us", row.get("wrk_us"))
    ratio = f"{row['ratio']:.2f} ({row['ratio_least']:.2f}..{row['ratio_most']:.2f})" if "ratio" in row else ""
    return [row["case"], str(row["connections"]), row["tracing"] or "bare client",
            f"{row['bridge_us']:.1f}" if "bridge_us" in row else "", f"{row['upstream_us']:.1f}", f"{client:.1f}",
            f"{row['calls_per_s']:,.0f}", f"{row['p50_us']:,.0f}", f"{row['p99_us']:,.0f}", ratio]


def _calls(rows):
    head = "call,conn.,tracing,bridge µs,upstream µs,client µs,calls/s,p50 µs,p99 µs,ratio"
    return _table(head.split(","), [_call_line(row) for row in rows])


def _spans(spans):
    return _table(["bridge", "spans exported", "dropped"],
                  [[name, f"{seen['exported']:,}", f"{seen['dropped']:,}"] for name, seen in spans.items()])


def _memory(memory):
    lines = [[f"resident with {tools} tools, ready / after use",
              f"{memory[key]['ready_bytes'] / MIB:.1f} / {memory[key]['used_bytes'] / MIB:.1f} MiB"]
             for tools, key in (("10", "tools_10"), ("1,000", "tools_1000"))]
    lines.append(["idle connection", f"{memory['idle_connection_bytes'] / KIB:.1f} KiB"])
    lines += [[f"ready with {methods} methods", f"{memory[f'ready_{methods}_methods_seconds'] * 1e3:.0f} ms"]
              for methods in (10, 500)]
    return _table(["memory and start", "measured"], lines)


def _streams(streams):
    return _table(["streams", "measured"], [
        ["10,000 messages of 1 kB, read with 10 kB/s: resident", f"{streams['slow_reader_bytes'] / MIB:.1f} MiB more"],
        ["… sent by the upstream after 20 s", f"{streams['slow_reader_sent']:,} messages"],
        ["one of 1,000 streams", f"{streams['stream_bytes'] / KIB:.1f} KiB"],
        ["client that never reads is ended after", f"{streams['never_reads_seconds']:.0f} s"]])


def _micro(rows):
    return _table(["part", "ns", "MB/s of JSON"],
                  [[row["name"], f"{row['ns']:,.0f}", f"{row['mb_per_s']:,.0f}"] for row in rows])


def _targets(rows):
    lines = [[row["name"], f"{row['limit']:g}", f"{row['measured']:.2f}", row["unit"],
              "met" if row["met"] else "MISSED"] for row in rows]
    return _table(["target", "at most", "measured", "", ""], lines)


def as_text(report):
    machine = report["machine"]
    parts = [f"{report['version']} ({report['commit']}), {report['date']}, {machine['cpus']} x {machine['cpu']}"
             f"{', quick' if report['quick'] else ''}"]
    if "calls" in report:
        parts.append("CPU per call of each process, latencies as the client sees them; ratio: the bridge's CPU to the "
                     "bare client's\nfor its small call, or for a message of its stream, at the same connections in the same "
                     "round (least..most).\n"
                     f"Meanwhile other programs used {report['others_cpus']:.1f} CPUs.\n\n" + _calls(report["calls"]))
        parts.append(_spans(report["spans"]))
    if "memory" in report:
        parts.append(_memory(report["memory"]))
    if "streams" in report:
        parts.append(_streams(report["streams"]))
    if "micro" in report:
        parts.append(_micro(report["micro"]))
    if report["targets"]:
        parts.append(_targets(report["targets"]))
    return "\n\n".join(parts)
