// The npm package graphql-http's audits of a GraphQL server against a running gateway: its address is the argument.
// Writes on standard output a JSON array of {id, name, status, reason}.

import { auditServer } from 'graphql-http'

const results = await auditServer({ url: process.argv[2] })
console.log(JSON.stringify(results.map(({ id, name, status, reason }) => ({ id, name, status, reason }))))
