// driver.mjs ERA URL | driver.mjs ERA stdio COMMAND...   takes steps (steps.py) by the TypeScript SDK of that era.
import {text} from 'node:stream/consumers';

import {clients} from '../clients.mjs';

async function take(session, step) {
  if (step.list) return {tools: (await session.client.listTools()).tools};
  const params = {name: step.tool, arguments: step.arguments};
  if (!step.progress) return {result: await session.call(params)};
  const outcome = {progress: []};
  const abort = new AbortController();
  const onprogress = ({progress, message}) => {
    outcome.progress.push([progress, message]);
    if (outcome.progress.length !== step.cancel_after) return;
    outcome.cancelled_ms = Date.now();
    abort.abort();
  };
  try {
    outcome.result = await session.call(params, {onprogress, signal: abort.signal, resetTimeoutOnProgress: true});
  } catch (error) {
    if (!outcome.cancelled_ms) throw error;
  }
  return outcome;
}

const [era, ...target] = process.argv.slice(2);
const steps = JSON.parse(await text(process.stdin));
const {connect, spawn} = clients[era];
const session = target[0] === 'stdio' ? await spawn(target[1], target.slice(2)) : await connect(target[0]);
const outcomes = [];
for (const step of steps) outcomes.push(await take(session, step).catch((error) => ({error: String(error)})));
await session.close();
console.log(JSON.stringify(outcomes));
