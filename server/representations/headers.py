"""The headers that every reply carries: what a browser may do with it, and that any site may read it."""

__all__ = ["HEADERS", "PREFLIGHT_HEADERS"]

#: Nothing runs and nothing is fetched but this server's own scripts, style sheets, images and replies.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

#: Of every reply, by their names in lower case.
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "cross-origin",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Content-Range, ETag, Link, Location, Retry-After, SPARQL-Row-Limit",
}

#: What other sites may send, in replies to preflights (https://fetch.spec.whatwg.org/#http-cors-protocol).
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-Match, If-None-Match, If-Range, Range",
    "Access-Control-Max-Age": "86400",
}
