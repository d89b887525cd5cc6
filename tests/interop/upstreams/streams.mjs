// StreamService on @grpc/grpc-js: all four kinds of RPC.
import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';

import grpc from '@grpc/grpc-js';

// Promises of the moment in which a call was cancelled, by the call's id.
const cancellations = new Map();
function cancellation(id) {
  if (!cancellations.has(id)) cancellations.set(id, Promise.withResolvers());
  return cancellations.get(id);
}

// `failure(code, message, type, detail)` makes an error with a google.rpc detail.
export function streamMethods(failure) {
  async function count(call, last, interval) {
    const cancelled = new Promise((resolve) => call.once('cancelled', resolve));
    for (let value = 1; value <= last && !call.cancelled; ++value) {
      if (interval > 0) await sleep(interval);
      // False: it is full, and grpc-js would keep whatever is written beyond.
      if (!call.write({value})) await Promise.race([once(call, 'drain'), cancelled]);
    }
  }

  return {
    async Count(call) {
      await count(call, call.request.count, call.request.interval_ms);
      call.end();
    },

    Sum(call, answer) {
      let sum = 0n, count = 0;
      call.on('data', ({value}) => {
        sum += BigInt(value);
        ++count;
      });
      call.on('end', () => answer(null, {sum: String(sum), count}));
    },

    Echo(call) {
      call.on('data', (number) => call.write(number));
      call.on('end', () => call.end());
    },

    async Fail(call) {
      await count(call, 3, 0);
      const violation = {type: 'STREAM', subject: call.request.subject, description: 'ends here'};
      call.emit('error', failure(grpc.status.FAILED_PRECONDITION, 'broken after three numbers', 'PreconditionFailure',
                                 {violations: [violation]}));
    },

    async Forever(call) {
      call.on('cancelled', () => cancellation(call.request.id).resolve(Date.now()));
      await count(call, Infinity, call.request.interval_ms);
    },

    Slow(call, answer) {
      const timer = setTimeout(() => answer(null, {seconds: call.request.seconds}), 1000 * call.request.seconds);
      call.on('cancelled', () => {
        clearTimeout(timer);
        cancellation(call.request.id).resolve(Date.now());
      });
    },

    AwaitCancelled({request}, answer) {
      cancellation(request.id).promise.then((moment) => answer(null, {unix_ms: moment}));
    },
  };
}
