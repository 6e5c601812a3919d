// Reads documents of RDF 1.2 and results of SPARQL 1.2: JSON on standard input is a list of {"type", "text"}, JSON on
// standard output a list of rows, each a list of terms as SPARQL 1.2 Query Results JSON has them.
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Parser } from 'n3';
import { RdfXmlParser } from 'rdfxml-streaming-parser';
import { SparqlJsonParser } from 'sparqljson-parse';
import { SparqlXmlParser } from 'sparqlxml-parse';

const KINDS = { NamedNode: 'uri', BlankNode: 'bnode', Literal: 'literal' };

async function rows({ type, text: document }) {
  const stream = Readable.from([document]);
  switch (type) {
    case 'application/rdf+xml':
      return (await stream.pipe(new RdfXmlParser({ baseIRI: 'urn:base:' })).toArray()).map(triple);
    case 'application/sparql-results+json':
      return new SparqlJsonParser().parseJsonResults(JSON.parse(document)).map((row) => Object.values(row).map(written));
    case 'application/sparql-results+xml': {
      const found = await new SparqlXmlParser().parseXmlResultsStream(stream).toArray();
      return found.map((row) => Object.values(row).map(written));
    }
    default:
      return new Parser({ format: type }).parse(document).map(triple);
  }
}

function triple({ subject, predicate, object }) {
  return [subject, predicate, object].map(written);
}

function written(term) {
  if (term.termType === 'Quad') {
    const [subject, predicate, object] = triple(term);
    return { type: 'triple', value: { subject, predicate, object } };
  }
  const { value, language, direction, datatype } = term;
  if (!language) return { type: KINDS[term.termType], value, ...(datatype && { datatype: datatype.value }) };
  return { type: 'literal', value, 'xml:lang': language, ...(direction && { 'its:dir': direction }) };
}

const documents = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await Promise.all(documents.map(rows))));
