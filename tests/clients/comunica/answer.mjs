// Answers queries with Comunica: a line of JSON on standard input asks {"query", "context", "mediaType"}, a line on
// standard output answers {"result"} or {"error"}.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { QueryEngine } from '@comunica/query-sparql';

const engine = new QueryEngine();

async function answer({ query, context, mediaType }) {
  try {
    const result = await engine.query(query, context);
    const { data } = await engine.resultToString(result, mediaType);
    return { result: await text(data) };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  if (!process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`)) {
    await once(process.stdout, 'drain');
  }
}
