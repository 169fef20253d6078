// What the button of a console block copies: its commands, without prompts and without what they print.
for (const [language, prompt] of [["console", /^\$ /], ["pycon", /^(>>>|\.\.\.)( |$)/]]) {
  for (const code of document.querySelectorAll(`.language-${language} code`)) {
    let continued = false;
    const taken = code.textContent.split("\n").flatMap((line) => {
      if (!continued && !prompt.test(line)) return [];
      const command = continued ? line : line.replace(prompt, "");
      continued = line.endsWith("\\");
      return [command];
    });
    code.dataset.copy = taken.join("\n");
  }
}

// Where names in a text may go on in the next line: a flag nowhere; in the narrow columns of a table a long name behind an
// underscore, and ahead of a word's capital.
for (const code of document.querySelectorAll(".md-typeset :not(pre) > code:not(:has(*))")) {
  const narrow = code.closest("table:has(th:nth-child(6))");
  const parts = code.textContent.split(narrow ? /(--[\w-]+)|(?<=_)(?=[a-z])|(?<=[a-z])(?=[A-Z])/ : /(--[\w-]+)/);
  if (parts.length === 1) continue;
  code.replaceChildren(...parts.filter(Boolean).flatMap((part) => {
    if (!part.startsWith("--")) return [document.createElement("wbr"), part];
    const flag = document.createElement("span");
    flag.className = "flag";
    flag.textContent = part;
    return [flag];
  }));
}
