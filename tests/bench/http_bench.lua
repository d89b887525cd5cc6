-- A tools/call of about 300 bytes with the headers a client sends.
wrk.method = "POST"
wrk.path = "/mcp"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json, text/event-stream"
wrk.headers["MCP-Protocol-Version"] = "2026-07-28"
wrk.headers["Mcp-Method"] = "tools/call"
wrk.headers["Mcp-Name"] = "catalog_get_product"
wrk.headers["User-Agent"] = "wrk"
wrk.body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"catalog_get_product","arguments":{"id":"' .. string.rep("x", 180) .. '"}}}'
