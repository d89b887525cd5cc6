// The program of testee.cc as an object; each of its requests is a method that waits for the answer.
import {spawn} from 'node:child_process';

export class Testee {
  #process;
  #waiting = [];
  #unread = Buffer.alloc(0);

  constructor(program) {
    this.#process = spawn(program, {stdio: ['pipe', 'pipe', 'inherit']});
    this.#process.stdout.on('data', (bytes) => this.#read(bytes));
    this.#process.on('close', (code, signal) => {
      for (const {reject} of this.#waiting) reject(new Error(`the testee ended with ${signal ?? code}`));
    });
    this.#process.stdin.on('error', () => {});  // 'close' says more
  }

  #read(bytes) {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    while (this.#unread.length >= 4) {
      const end = 4 + this.#unread.readUInt32LE(0);
      if (this.#unread.length < end) return;
      const ok = this.#unread[4] === '+'.charCodeAt(0);
      this.#waiting.shift().resolve({ok, bytes: this.#unread.subarray(5, end)});
      this.#unread = this.#unread.subarray(end);
    }
  }

  // {ok, bytes}: the result, or what is wrong.
  ask(letter, name, payload = '') {
    const body = Buffer.concat([Buffer.from(`${letter}${name}\0`), Buffer.from(payload)]);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(body.length);
    this.#process.stdin.write(Buffer.concat([size, body]));
    return new Promise((resolve, reject) => this.#waiting.push({resolve, reject}));
  }

  // Like ask; an error of the testee is an error of the test.
  async demand(letter, name, payload) {
    const {ok, bytes} = await this.ask(letter, name, payload);
    if (!ok) throw new Error(`${letter} ${name}: ${bytes}`);
    return bytes;
  }

  end() {
    this.#process.stdin.end();
  }
}
