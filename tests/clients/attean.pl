# Asks an endpoint by each of Attean's clients and by RDF::Query::Client, and reads a thing; a line for each answer.
use v5.14;
use warnings;
use Attean;
use Attean::RDF qw(iri);
use Attean::SPARQLClient;
use AtteanX::Store::SPARQL;
use HTTP::Tiny;

my $server = shift;
my $endpoint = "$server/sparql";
my $type = iri('http://www.w3.org/1999/02/22-rdf-syntax-ns#type');
my $state = iri('https://w3id.org/ammtc/ontology#State');

sub count { my ($iterator, $n) = (shift, 0); $n++ while $iterator->next; return $n }

my $rows = Attean::SPARQLClient->new(endpoint => $endpoint)->query('SELECT ?s { ?s a ammtc:State }');
say 'rows ', count($rows);

my $store = Attean->get_store('SPARQL')->new(endpoint_url => iri($endpoint));
$store->ua->default_headers->header(Accept => Attean->acceptable_parsers);
say 'triples ', count($store->get_triples(undef, $type, $state));
say 'counted ', $store->count_triples(undef, $type, $state);

for my $format (['SPARQLXML', 'xml'], ['SPARQLJSON', 'json'], ['SPARQLTSV', 'tsv']) {
  my $address = "$endpoint?query=SELECT%20%3Fs%20%7B%20%3Fs%20a%20ammtc%3AState%20%7D&format=$format->[1]";
  my $reply = HTTP::Tiny->new->get($address);
  say "$format->[0] ", count(Attean->get_parser($format->[0])->new->parse_iter_from_bytes($reply->{content}));
}
for my $format (['Turtle', 'text/turtle'], ['NTriples', 'application/n-triples'], ['RDFXML', 'application/rdf+xml']) {
  my $reply = HTTP::Tiny->new->get("$server/id/ammtc-19", {headers => {Accept => $format->[1]}});
  say "$format->[0] ", count(Attean->get_parser($format->[0])->new->parse_iter_from_bytes($reply->{content}));
}
