// The npm package openid-client, a certified relying party, against a running gateway. It reads on standard input what
// to do and writes on standard output what it got, as JSON; whatever the package refuses ends it with an error.

import { text as read } from 'node:stream/consumers'
import * as client from 'openid-client'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { Browser, text } from './sign_in_browser.mjs'

const asked = JSON.parse(await read(process.stdin))
const authentication = { client_secret_basic: client.ClientSecretBasic, client_secret_post: client.ClientSecretPost }
const config = await client.discovery(
  new URL(asked.issuer),
  asked.clientId,
  { id_token_signed_response_alg: asked.idTokenAlg },
  authentication[asked.authMethod](asked.clientSecret),
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
)
const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri))
const browser = new Browser()
const checks = { pkceCodeVerifier: client.randomPKCECodeVerifier(), idTokenExpected: true }
browser.secrets.add(checks.pkceCodeVerifier)

const page = await browser.follow(await authorizationUrl(), asked.redirectUri)
let reached = await browser.submit(page, { email: asked.email, password: asked.password }, asked.redirectUri)
if (reached.html?.includes('action="/oauth2/consent"')) {
  reached = await browser.submit(reached, { decision: 'allow' }, asked.redirectUri)
}
const told = reached.callback ? await entered(reached.callback) : await refused(reached)
console.log(JSON.stringify({ ...told, secrets: [...browser.secrets] }))

// With a state and a nonce of its own, as each request has to have.
async function authorizationUrl() {
  checks.expectedState = client.randomState()
  checks.expectedNonce = client.randomNonce()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: asked.redirectUri,
    scope: asked.scope,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  return url.href
}

async function entered(callback) {
  const tokens = await redeemed(callback)
  const identity = tokens.claims()
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, identity.sub)
  const refreshed = kept(await client.refreshTokenGrant(config, tokens.refresh_token))
  const own = kept(await client.clientCredentialsGrant(config))
  return {
    identity,
    userinfo,
    access: await accessToken(tokens),
    response: { details: tokens.authorization_details, expiresIn: tokens.expires_in, scope: tokens.scope },
    refreshed: { identity: refreshed.claims(), access: await accessToken(refreshed) },
    rotated: refreshed.refresh_token !== tokens.refresh_token,
    own: { access: await accessToken(own), hasRefreshToken: 'refresh_token' in own },
    codeAgain: await failure(client.authorizationCodeGrant(config, callback, checks)),
    afterCodeAgain: await failure(client.refreshTokenGrant(config, refreshed.refresh_token)),
    refreshAgain: await refreshAgain(),
    signedOut: await signedOut(),
  }
}

// What came from the session is worth nothing once the person has signed out through this client.
async function signedOut() {
  const { callback } = await browser.follow(await authorizationUrl(), asked.redirectUri)
  const tokens = await redeemed(callback)
  const end = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token })
  const { status } = await browser.follow(end.href, asked.redirectUri)
  return { status, refresh: await failure(client.refreshTokenGrant(config, tokens.refresh_token)) }
}

// A refresh token that comes twice ends the authorization: the second one's successor is worth nothing either.
async function refreshAgain() {
  const { callback } = await browser.follow(await authorizationUrl(), asked.redirectUri)
  const first = await redeemed(callback)
  const second = kept(await client.refreshTokenGrant(config, first.refresh_token))
  return [
    await failure(client.refreshTokenGrant(config, first.refresh_token)),
    await failure(client.refreshTokenGrant(config, second.refresh_token)),
  ]
}

// No code was given: the page says why, and its link tells the relying party.
async function refused(page) {
  const leave = /<a[^>]*href="([^"]*)"[^>]*>Go back to/.exec(page.html)
  const callback = new URL(text(leave[1]))
  return {
    status: page.status,
    page: text(page.html),
    leave: { to: callback.origin + callback.pathname, names: [...callback.searchParams.keys()].sort() },
    failure: await failure(client.authorizationCodeGrant(config, callback, checks)),
  }
}

async function redeemed(callback) {
  browser.secrets.add(callback.searchParams.get('code'))
  return kept(await client.authorizationCodeGrant(config, callback, checks))
}

async function accessToken(tokens) {
  const options = { issuer: asked.issuer, audience: asked.resource, typ: 'at+jwt', algorithms: ['ES256'] }
  const { payload } = await jwtVerify(tokens.access_token, keys, options)
  return { header: decodeProtectedHeader(tokens.access_token), claims: payload }
}

async function failure(call) {
  try {
    await call
  } catch (error) {
    return error.error ?? `${error}`
  }
  return 'no failure'
}

function kept(tokens) {
  for (const name of ['access_token', 'id_token', 'refresh_token']) if (tokens[name]) browser.secrets.add(tokens[name])
  return tokens
}
