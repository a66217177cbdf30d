// A browser as small as a sign-in needs: cookies, redirects taken one by one, and forms posted as the page wrote them.

const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#34;': '"', '&#39;': "'" }

export const text = (html) => html.replace(/&(?:amp|lt|gt|quot|#34|#39);/g, (entity) => ENTITIES[entity])

export class Browser {
  cookies = new Map()
  secrets = new Set()

  async get(url, init = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie && { cookie }), ...init.headers },
    })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    return response
  }

  // The page or the redirect to `end` to which `url` leads; `end` itself is never asked for.
  async follow(url, end, init) {
    for (let hops = 0; hops < 10; hops++) {
      const response = await this.get(url, init)
      const location = response.headers.get('location')
      if (location === null) return { status: response.status, url, html: await response.text() }
      url = new URL(location, url).href
      init = {}
      if (url.startsWith(`${end}?`)) return { url, callback: new URL(url) }
    }
    throw new Error('more than ten redirects')
  }

  // Post the page's only form, with its hidden fields and what a person types.
  async submit(page, typed, end) {
    const form = /<form[^>]* action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/.exec(page.html)
    const fields = new URLSearchParams(typed)
    for (const [input] of form[2].matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
      const [name, value] = ['name', 'value'].map((key) => text(new RegExp(` ${key}="([^"]*)"`).exec(input)[1]))
      fields.set(name, value)
      if (name === 'csrf') this.secrets.add(value)
    }
    const headers = { origin: new URL(page.url).origin }
    return this.follow(new URL(text(form[1]), page.url).href, end, { method: 'POST', body: fields, headers })
  }

  #keep(line) {
    const [pair] = line.split(';')
    const at = pair.indexOf('=')
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1).replaceAll('"', '')]
    if (value === '' || /max-age=0/i.test(line)) this.cookies.delete(name)
    else {
      this.cookies.set(name, value)
      this.secrets.add(value)
    }
  }
}
