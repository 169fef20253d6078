/** A JSON value as it stands in the text: numbers keep their digits, objects their order and their doubled keys. */
export type Json =
  | { kind: "null" | "true" | "false" }
  | { kind: "number" | "string"; text: string }
  | { kind: "array"; items: Json[] }
  | { kind: "object"; entries: [string, Json][] };

const TOKEN = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y;

interface Open { into: Json & { kind: "array" | "object" }; key: string | null }

/** Read a JSON text without recursion, however deep it nests; null for what is none. */
export function parseJson(text: string): Json | null {
  const stack: Open[] = [];
  let result: Json | null = null;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) return text.slice(from).trim() === "" ? result : null;
    const [, sign, quoted, number, word] = found;
    const top = stack[stack.length - 1];
    if (sign === "{" || sign === "[") {
      const into: Open["into"] = sign === "{" ? { kind: "object", entries: [] } : { kind: "array", items: [] };
      if (top) put(top, into); else result = into;
      stack.push({ into, key: null });
    } else if (sign === "}" || sign === "]") {
      if (!stack.pop()) return null;
    } else if (sign === undefined) {
      const value = leaf(quoted, number, word);
      if (top?.into.kind === "object" && top.key === null && value.kind === "string") top.key = value.text;
      else if (top) put(top, value);
      else result = value;
    }
  }
  return stack.length ? null : result;
}

function put(open: Open, value: Json): void {
  if (open.into.kind === "array") open.into.items.push(value);
  else open.into.entries.push([open.key ?? "", value]);
  open.key = null;
}

function leaf(quoted: string | undefined, number: string | undefined, word: string | undefined): Json {
  if (quoted !== undefined) return { kind: "string", text: JSON.parse(quoted) as string };
  if (number !== undefined) return { kind: "number", text: number };
  return { kind: word as "null" | "true" | "false" };
}
