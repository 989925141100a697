// A mail server: SMTP (RFC 5321) in the clear that wants a password (RFC 4954, PLAIN), and keeps the mails that it takes.
import { createServer } from "node:net";

export async function startMailServer(user, password) {
  const mails = [];
  const server = createServer((socket) => {
    const say = (line) => socket.write(`${line}\r\n`);
    let [from, to, letter, isKnown, rest] = ["", [], null, false, ""];
    const commands = {
      EHLO: () => say("250-peer\r\n250-8BITMIME\r\n250 AUTH PLAIN"),
      HELO: () => say("250 peer"),
      AUTH: (given) => {
        isKnown = Buffer.from(given.split(" ")[1] ?? "", "base64").toString() === `\0${user}\0${password}`;
        say(isKnown ? "235 2.7.0 welcome" : "535 5.7.8 wrong user or password");
      },
      MAIL: (given) => {
        [from, to] = [given, []];
        say(isKnown ? "250 2.1.0 fine" : "530 5.7.0 log in first");
      },
      RCPT: (given) => {
        const isRefused = given.includes("<refused@");
        if (!isRefused) to.push(given.slice(given.indexOf("<") + 1, given.indexOf(">")));
        say(isRefused ? "550 5.1.1 no such mailbox" : "250 2.1.5 fine");
      },
      DATA: () => {
        letter = [];
        say("354 go on");
      },
      QUIT: () => socket.end("221 2.0.0 bye\r\n"),
    };
    const take = (line) => {
      if (letter === null) {
        const [word, given] = [line.slice(0, 4).toUpperCase(), line.slice(5)];
        (commands[word] ?? (() => say("502 5.5.1 not here")))(given);
      } else if (line !== ".") letter.push(line.replace(/^\./, ""));
      else {
        mails.push({ from, to, text: letter.join("\n") });
        letter = null;
        say("250 2.0.0 queued as 7");
      }
    };
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("data", (piece) => {
      const lines = (rest + piece).split("\r\n");
      rest = lines.pop();
      lines.forEach(take);
    });
    say("220 peer");
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return { port: server.address().port, mails, stop: () => server.close() };
}
