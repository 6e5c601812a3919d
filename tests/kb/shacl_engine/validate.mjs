// Validates a graph with rdf-validate-shacl, which knows SHACL Core. Arguments: a file of shapes in Turtle, a file of data
// in N-Triples. Writes the validation report as N-Triples to standard output.
import { readFileSync } from 'node:fs';
import { DataFactory, Parser, Store, Writer } from 'n3';
import SHACLValidator from 'rdf-validate-shacl';

const [shapes, data] = process.argv.slice(2).map((file, number) => {
  const format = number === 0 ? 'text/turtle' : 'N-Triples';
  return new Store(new Parser({ format, blankNodePrefix: `_:${number === 0 ? 's' : 'd'}` }).parse(readFileSync(file, 'utf8')));
});
const report = await new SHACLValidator(shapes).validate(data);
const triples = [...report.dataset].map(({ subject, predicate, object }) => DataFactory.quad(subject, predicate, object));
process.stdout.write(new Writer({ format: 'N-Triples' }).quadsToString(triples));
