# What each rule finds, and what it leaves: read by `semgrep --test`, run by nobody.


def sql(name, text, sa):
    # ruleid: sql-of-values
    text(f"SELECT * FROM users WHERE name = '{name}'")
    # ruleid: sql-of-values
    sa.text("SELECT * FROM users WHERE name = " + name) if name else text("SELECT " + name)
    # ruleid: sql-of-values
    text("SELECT * FROM users WHERE name = '%s'" % name)
    # ruleid: sql-of-values
    text("SELECT * FROM users WHERE name = '{}'".format(name))
    # ok: sql-of-values
    text(f"SELECT count(*) FROM {_TABLE}")
    # ok: sql-of-values
    text("SELECT * FROM users WHERE name = :name")


def comparing(given, kept, key):
    # ruleid: secrets-compared-at-once
    hmac.new(key, given, "sha256").hexdigest() == kept
    # ruleid: secrets-compared-at-once
    kept != hashlib.sha256(given).hexdigest()
    # ok: secrets-compared-at-once
    hmac.compare_digest(hmac.digest(key, given, "sha256"), kept)
    # ok: secrets-compared-at-once
    given.id == kept.id


def logging(user, token, log):
    # ruleid: secrets-in-the-log
    log.info("refreshed %s", token)
    # ruleid: secrets-in-the-log
    log.warning(f"wrong: {user.password}")
    # ruleid: secrets-in-the-log
    _log.debug("made", extra={"token": user.reset_token})
    # ok: secrets-in-the-log
    log.info("refreshed %s", user.id)
    # ok: secrets-in-the-log
    log.info("token_type %s", user.token_type)


def certificates(client, context, url):
    # ruleid: certificates-unchecked
    client.get(url, verify=False)
    # ruleid: certificates-unchecked
    context.check_hostname = False
    # ruleid: certificates-unchecked
    context.verify_mode = ssl.CERT_NONE
    # ok: certificates-unchecked
    client.get(url, verify="/etc/ssl/own.pem")


def waiting(url, options):
    # ruleid: waiting-without-end
    urllib.request.urlopen(url)
    # ruleid: waiting-without-end
    smtplib.SMTP("mail.example.com", 587)
    # ruleid: waiting-without-end
    subprocess.run(["psql"])
    # ok: waiting-without-end
    urllib.request.urlopen(url, timeout=5)
    # ok: waiting-without-end
    smtplib.SMTP(**options)


def data(stream):
    # ruleid: code-in-data
    pickle.loads(stream)
    # ruleid: code-in-data
    yaml.load(stream, Loader=yaml.Loader)
    # ok: code-in-data
    yaml.safe_load(stream)


def archives(archive, folder):
    # ruleid: archives-unpacked
    archive.extractall(folder)
    # ruleid: archives-unpacked
    shutil.unpack_archive(archive, folder)
    # ok: archives-unpacked
    archive.read("RECORD")


def starting(name):
    # ruleid: through-a-shell
    subprocess.run(f"ls {name}", shell=True, timeout=5)
    # ruleid: through-a-shell
    os.system("ls")
    # ok: through-a-shell
    subprocess.run(["ls", name], timeout=5)


def markup(name):
    # ruleid: markup-unescaped
    Markup(name)
    # ruleid: markup-unescaped
    render_template_string(name)
    # ok: markup-unescaped
    Markup("<b>fixed</b>")
    # ok: markup-unescaped
    Markup(re.sub("`", "", str(escape(name))))


def guessing():
    # ruleid: random-that-can-be-guessed
    reset_token = random.getrandbits(128)
    # ok: random-that-can-be-guessed
    reset_token = secrets.token_urlsafe(32)
    # ok: random-that-can-be-guessed
    pause = random.uniform(0, 1)


def leading():
    # ruleid: redirects-to-input
    redirect(request.args["next"])
    # ok: redirects-to-input
    redirect("/docs")
