// list.mjs URL ERA   one plain call of tools/list with the TypeScript SDK of that era; prints the number of tools.
import {clients} from '../clients.mjs';

const [url, era] = process.argv.slice(2);
const session = await clients[era].connect(url);
const {tools} = await session.client.listTools();
console.log(tools.length);
await session.close();
