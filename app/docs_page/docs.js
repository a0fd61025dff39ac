"use strict";

// The document of one tenant in Swagger UI. Whatever is typed in stays in this page.

const choice = document.getElementById("choice");
const credentials = document.getElementById("credentials");
const message = document.getElementById("message");
const source = document.getElementById("source");

const SECRETS = { api_key: "API key", basic: "Password", jwt: "Token" };

// How each way to sign in is sent, and told to Swagger UI for its own requests.
const SCHEMES = {
  api_key: {
    header: ({ secret }) => ["X-API-Key", secret],
    authorize: (ui, { secret }) => ui.preauthorizeApiKey("api_key", secret),
  },
  basic: {
    header: ({ user, secret }) => ["Authorization", `Basic ${base64(`${user}:${secret}`)}`],
    authorize: (ui, { user, secret }) => ui.preauthorizeBasic("basic", user, secret),
  },
  jwt: {
    header: ({ secret }) => ["Authorization", `Bearer ${secret}`],
    authorize: (ui, { secret }) => ui.preauthorizeApiKey("jwt", secret),
  },
};

let signedIn = null;

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function tell(text) {
  message.textContent = text;
  message.hidden = !text;
}

async function load(tenant) {
  const headers = { "X-Genesys-TenantId": tenant };
  if (signedIn) {
    const [name, value] = SCHEMES[signedIn.scheme].header(signedIn);
    headers[name] = value;
  }
  // Without credentials of the browser's own, so that it does not ask for any by itself.
  const answer = await fetch(source.href, { headers, credentials: "omit" });
  if (answer.status === 401) {
    document.getElementById("document").replaceChildren();
    tell(signedIn ? "That was not accepted." : "");
    credentials.hidden = false;
    return;
  }
  const found = await answer.json();
  if (!answer.ok) {
    throw new Error(found.detail || `The service answered ${answer.status}.`);
  }
  show(found);
}

function show(found) {
  credentials.hidden = true;
  tell("");
  // Where this page is served: also behind a proxy that adds to the path.
  found.servers = [{ url: new URL(".", location.href).pathname.replace(/(.)\/$/, "$1") }];
  const ui = SwaggerUIBundle({
    spec: found,
    dom_id: "#document",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    validatorUrl: null,
    onComplete: () => signedIn && SCHEMES[signedIn.scheme].authorize(ui, signedIn),
  });
}

function start() {
  load(choice.tenant.value).catch((error) => {
    tell(`The document cannot be shown. ${error.message}`);
  });
}

credentials.scheme.addEventListener("change", () => {
  const scheme = credentials.scheme.value;
  document.getElementById("secret-label").textContent = SECRETS[scheme];
  for (const each of credentials.querySelectorAll("[data-for]")) {
    each.hidden = each.dataset.for !== scheme;
  }
});

credentials.addEventListener("submit", (event) => {
  event.preventDefault();
  signedIn = Object.fromEntries(new FormData(credentials));
  credentials.secret.value = "";
  start();
});

choice.addEventListener("submit", (event) => {
  event.preventDefault();
  const place = new URL(location.href);
  place.searchParams.set("tenant", choice.tenant.value);
  place.hash = "";
  history.replaceState(null, "", place);
  start();
});

choice.tenant.value = new URLSearchParams(location.search).get("tenant") || "1";
start();
