// The look of the trace pages. Classes c0 to c7 are the colours of services.
#pragma once

#include <cstddef>

namespace bridge::telemetry {

inline constexpr size_t kTracePageColors = 8;

inline constexpr char kTracePageStyle[] = R"css(
:root{--paper:#fff;--ink:#1c2330;--faint:#667085;--line:#e4e7ec;--hover:#f5f7fa;--bad:#d92d20;
color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--paper:#14171d;--ink:#e6e9ef;--faint:#949dab;
--line:#2a303a;--hover:#1c2129;--bad:#ff6b5e}}
*{box-sizing:border-box}
body{margin:0 auto;padding:20px 24px 40px;max-width:1500px;background:var(--paper);color:var(--ink);
font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
a{color:inherit;text-decoration-color:var(--faint);text-underline-offset:2px}
h1{font-size:20px;margin:4px 0;overflow-wrap:anywhere}
header{margin-bottom:18px}
header p{margin:4px 0;color:var(--faint)}
header p b{color:var(--ink)}
code,.details,.time{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,monospace;font-size:12.5px}
.bad,header p b.bad{color:var(--bad)}
.empty,footer{color:var(--faint);margin-top:18px}
.c0{--c:#2f6fed}.c1{--c:#12a47c}.c2{--c:#c9731d}.c3{--c:#8b5cf6}
.c4{--c:#d6409f}.c5{--c:#0e9bb8}.c6{--c:#7a8f1a}.c7{--c:#a8623f}
.service{display:inline-block;margin:2px 12px 2px 0;white-space:nowrap}
.service::before,.dot{content:"";display:inline-block;width:10px;height:10px;border-radius:3px;
background:var(--c);margin-right:6px}
table{border-collapse:collapse}
.list{width:100%}
.list th{text-align:left;font-weight:600;color:var(--faint);font-size:12px}
.list th,.list td{padding:7px 14px 7px 0;border-bottom:1px solid var(--line);vertical-align:top}
.list tbody tr:hover{background:var(--hover)}
.list .what{font-weight:600;overflow-wrap:anywhere;min-width:240px}
.list .time{color:var(--faint);white-space:nowrap}
.list td.number,.list th:nth-child(4),.list th:nth-child(5),.list th:nth-child(6){text-align:right;
white-space:nowrap;font-variant-numeric:tabular-nums}
.list .service{font-size:12.5px;margin:0 10px 0 0}
.share{width:12%;min-width:80px}
.share i{display:block;height:10px;margin-top:5px;min-width:2px;border-radius:3px;background:#2f6fed}
.error .share i{background:var(--bad)}
main{border:1px solid var(--line);border-radius:8px;overflow:hidden}
.row{display:grid;grid-template-columns:minmax(220px,42%) 1fr;align-items:center;min-height:30px;
padding:0 12px}
.axis{border-bottom:1px solid var(--line);color:var(--faint);font-size:12px;background:var(--hover)}
.axis span{position:absolute;top:7px;padding-left:5px;border-left:1px solid var(--line);
line-height:1.2;white-space:nowrap}
details+details{border-top:1px solid var(--line)}
summary{cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}
summary:hover,details[open]>summary{background:var(--hover)}
.name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;padding-right:14px}
.name b{font-weight:600}
.name small{color:var(--faint)}
.mark{color:var(--faint);margin-right:5px;cursor:help}
.lane{position:relative;height:30px;border-left:1px solid var(--line);
background:repeating-linear-gradient(90deg,transparent 0,transparent calc(20% - 1px),
var(--line) calc(20% - 1px),var(--line) 20%)}
.axis .lane{background:none;border:0}
.lane i{position:absolute;top:9px;height:12px;min-width:2px;border-radius:3px;background:var(--c)}
.error .lane i{box-shadow:0 0 0 2px var(--bad)}
.lane u{position:absolute;top:6px;height:18px;width:2px;background:var(--ink);opacity:.55}
.lane small{position:absolute;top:6px;padding:0 7px;font-size:12px;line-height:18px;
color:var(--faint);white-space:nowrap;font-variant-numeric:tabular-nums}
.lane small.inside{color:#fff}
.details{padding:8px 12px 14px 40px;border-top:1px dashed var(--line);overflow-x:auto}
.details th{text-align:left;font-weight:400;color:var(--faint);padding:2px 18px 2px 0;
vertical-align:top;white-space:nowrap}
.details td{padding:2px 0;overflow-wrap:anywhere;white-space:pre-wrap}
.details .bad th{color:var(--bad)}
.details em{font-style:normal;color:var(--faint)}
)css";

}  // namespace bridge::telemetry
