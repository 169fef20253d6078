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
