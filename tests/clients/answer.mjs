// Answers queries with Comunica: a line of JSON on standard input asks {"query", "context", "mediaType"}, a line on
// standard output answers {"result", "documents"} or {"error"}. Arguments: the folder in which the engine is installed,
// and its package. "redirect" in the context is a pair of texts: what begins with the first is fetched from where the
// second says, and nothing else is fetched; "documents" are the addresses of those that came then.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

const [folder, name] = process.argv.slice(2);
const { QueryEngine } = createRequire(`${folder}/`)(name);
const engine = new QueryEngine();

function redirected([from, to], documents) {
  return async (input, init) => {
    const address = String(input.url ?? input);
    if (!address.startsWith(from)) {
      return new Response('', { status: 404 });
    }
    const response = await fetch(address.replace(from, to), init);
    if (response.ok) {
      documents.add(response.url);
    }
    return response;
  };
}

async function answer({ query, context: { redirect, ...context }, mediaType }) {
  const documents = new Set();
  const fetching = redirect ? { fetch: redirected(redirect, documents) } : {};
  try {
    const result = await engine.query(query, { ...context, ...fetching });
    const { data } = await engine.resultToString(result, mediaType);
    return { result: await text(data), documents: [...documents] };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  if (!process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`)) {
    await once(process.stdout, 'drain');
  }
}
