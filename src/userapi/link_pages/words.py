"""What the pages say, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass

from userapi.mail.links import LinkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """What one page says: before it is asked, when it is done, and when the link is void."""

    title: str
    question: str
    button: str
    done_title: str
    done: str
    invalid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonWords:
    """What all pages say; `troubles` and `mistakes` are by the codes of problem documents.

    `too_many` has a place for the time to wait, `password_hint` for the least length.
    """

    needs_script: str
    incomplete_title: str
    incomplete: str
    invalid_title: str
    invalid: str
    working: str
    email: str
    first_name: str
    last_name: str
    password: str
    new_password: str
    password_hint: str
    show_password: str
    unreachable: str
    unavailable: str
    too_many: str
    refused: str
    troubles: Mapping[str, str]
    mistakes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """All that is said in one language."""

    common: CommonWords
    pages: Mapping[LinkKind, PageWords]


_ENGLISH = Words(
    CommonWords(
        needs_script="This page needs JavaScript.",
        incomplete_title="This link is not complete",
        incomplete="Open the link in the mail once more, or copy all of it.",
        invalid_title="This link works no more",
        invalid="It was used already, has expired, or was replaced by a newer one.",
        working="One moment …",
        email="E-mail address",
        first_name="First name",
        last_name="Last name",
        password="Password",  # noqa: S106 - a label
        new_password="New password",  # noqa: S106 - a label
        password_hint="At least {length} characters. A few words in a row are good.",  # noqa: S106
        show_password="Show password",  # noqa: S106
        unreachable="The service cannot be reached. Check your connection, then try again.",
        unavailable="The service is busy at the moment. Try again soon.",
        too_many="There were too many attempts. Try again in {time}.",
        refused="That did not work. Try again later.",
        troubles={
            "email-taken": "There is an account with this address already. Sign in to it.",
            "invitation-for-another-address": "The invitation is for another address: for the one "
            "that the mail was sent to.",
            "registration-closed": "New accounts cannot be made at the moment.",
        },
        mistakes={
            "required": "This is missing.",
            "length": "This is too short or too long.",
            "blank": "This must have a character that can be seen.",
            "characters": "This has characters that cannot be used here.",
            "email": "This is no e-mail address.",
            "password-blank": "The password must have a character that can be seen.",
            "password-repeated": "The password repeats a few characters. Choose a longer one.",
            "password-common": "This is one of the most common passwords. Choose another one.",
            "password-personal": "The password is made of your address, your name or the name of "
            "the product. Choose another one.",
            "password-breached": "The password is known from a data breach of another service. "
            "Choose another one.",
        },
    ),
    {
        LinkKind.VERIFY: PageWords(
            title="Confirm your address",
            question="Confirm that the mail with this link came to your own address.",
            button="Confirm address",
            done_title="Address confirmed",
            done="Thank you. You can close this page.",
            invalid="Sign in and ask for a new link, or register once more.",
        ),
        LinkKind.RESET: PageWords(
            title="Choose a new password",
            question="You will be signed out on all devices.",
            button="Set password",
            done_title="Password set",
            done="You can now sign in with your new password.",
            invalid="Ask for a new one where you sign in, by “Forgot password”.",
        ),
        LinkKind.CHANGE: PageWords(
            title="Confirm your new address",
            question="Your account will have the address that this link was mailed to.",
            button="Confirm new address",
            done_title="Address changed",
            done="From now on, sign in with your new address.",
            invalid="Sign in and change your address once more.",
        ),
        LinkKind.UNDO: PageWords(
            title="Take back the change of your address",
            question="Your account will have its former address again, and you will be signed out "
            "on all devices.",
            button="Take the change back",
            done_title="Change taken back",
            done="Your account has its former address again. Its password works no more: choose a "
            "new one by the link that was just mailed to you. If the account was closed, no mail "
            "comes: ask an administrator to restore it first.",
            invalid="If it was not you who changed the address, ask for a new password at once, or "
            "tell those who run the service.",
        ),
        LinkKind.INVITE: PageWords(
            title="Accept the invitation",
            question="Make your account, with the address that the invitation was mailed to.",
            button="Make account",
            done_title="Welcome",
            done="Your account is ready. You can now sign in.",
            invalid="Ask whoever invited you for a new one. If you have made your account already, "
            "sign in.",
        ),
    },
)

_GERMAN = Words(
    CommonWords(
        needs_script="Diese Seite braucht JavaScript.",
        incomplete_title="Dieser Link ist nicht vollständig",
        incomplete="Öffnen Sie den Link in der E-Mail noch einmal, oder kopieren Sie ihn ganz.",
        invalid_title="Dieser Link gilt nicht mehr",
        invalid="Er wurde schon benutzt, ist abgelaufen oder wurde durch einen neueren ersetzt.",
        working="Einen Moment …",
        email="E-Mail-Adresse",
        first_name="Vorname",
        last_name="Nachname",
        password="Passwort",  # noqa: S106 - a label
        new_password="Neues Passwort",  # noqa: S106 - a label
        password_hint="Mindestens {length} Zeichen. Gut sind einige Wörter hintereinander.",  # noqa: S106
        show_password="Passwort zeigen",  # noqa: S106
        unreachable="Der Dienst ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie "
        "es noch einmal.",
        unavailable="Der Dienst ist gerade überlastet. Versuchen Sie es bald noch einmal.",
        too_many="Das waren zu viele Versuche. Versuchen Sie es wieder in {time}.",
        refused="Das hat nicht geklappt. Versuchen Sie es später noch einmal.",
        troubles={
            "email-taken": "Mit dieser Adresse gibt es schon ein Konto. Melden Sie sich damit an.",
            "invitation-for-another-address": "Die Einladung gilt für eine andere Adresse: für "
            "die, an die sie geschickt wurde.",
            "registration-closed": "Zurzeit können keine neuen Konten angelegt werden.",
        },
        mistakes={
            "required": "Das fehlt noch.",
            "length": "Das ist zu kurz oder zu lang.",
            "blank": "Hier muss ein sichtbares Zeichen stehen.",
            "characters": "Darin sind Zeichen, die hier nicht gehen.",
            "email": "Das ist keine E-Mail-Adresse.",
            "password-blank": "Das Passwort braucht ein sichtbares Zeichen.",
            "password-repeated": "Das Passwort wiederholt wenige Zeichen. Wählen Sie ein längeres.",
            "password-common": "Das ist eines der häufigsten Passwörter. Wählen Sie ein anderes.",
            "password-personal": "Das Passwort besteht aus Ihrer Adresse, Ihrem Namen oder dem "
            "Namen des Produkts. Wählen Sie ein anderes.",
            "password-breached": "Das Passwort ist aus einem Datenleck bei einem anderen Dienst "
            "bekannt. Wählen Sie ein anderes.",
        },
    ),
    {
        LinkKind.VERIFY: PageWords(
            title="Adresse bestätigen",
            question="Bestätigen Sie, dass die E-Mail mit diesem Link an Ihre eigene Adresse kam.",
            button="Adresse bestätigen",
            done_title="Adresse bestätigt",
            done="Vielen Dank. Sie können diese Seite schließen.",
            invalid="Melden Sie sich an und fordern Sie einen neuen an, oder registrieren Sie sich "
            "noch einmal.",
        ),
        LinkKind.RESET: PageWords(
            title="Neues Passwort wählen",
            question="Sie werden auf allen Geräten abgemeldet.",
            button="Passwort setzen",
            done_title="Passwort gesetzt",
            done="Sie können sich jetzt mit dem neuen Passwort anmelden.",
            invalid="Fordern Sie dort einen neuen an, wo Sie sich anmelden: „Passwort vergessen“.",
        ),
        LinkKind.CHANGE: PageWords(
            title="Neue Adresse bestätigen",
            question="Ihr Konto bekommt die Adresse, an die dieser Link geschickt wurde.",
            button="Neue Adresse bestätigen",
            done_title="Adresse geändert",
            done="Melden Sie sich ab jetzt mit der neuen Adresse an.",
            invalid="Melden Sie sich an und ändern Sie Ihre Adresse noch einmal.",
        ),
        LinkKind.UNDO: PageWords(
            title="Änderung der Adresse zurücknehmen",
            question="Ihr Konto bekommt seine frühere Adresse wieder, und Sie werden auf allen "
            "Geräten abgemeldet.",
            button="Änderung zurücknehmen",
            done_title="Änderung zurückgenommen",
            done="Ihr Konto hat wieder seine frühere Adresse. Sein Passwort gilt nicht mehr: "
            "wählen Sie ein neues mit dem Link, der Ihnen eben geschickt wurde. Wurde das Konto "
            "geschlossen, kommt keine E-Mail: Bitten Sie zuerst die Administration, es "
            "wiederherzustellen.",
            invalid="Wenn nicht Sie die Adresse geändert haben, fordern Sie sofort ein neues "
            "Passwort an, oder wenden Sie sich an die Betreiber des Dienstes.",
        ),
        LinkKind.INVITE: PageWords(
            title="Einladung annehmen",
            question="Legen Sie Ihr Konto an, mit der Adresse, an die die Einladung geschickt "
            "wurde.",
            button="Konto anlegen",
            done_title="Willkommen",
            done="Ihr Konto ist bereit. Sie können sich jetzt anmelden.",
            invalid="Bitten Sie um eine neue Einladung. Wenn Sie Ihr Konto schon angelegt haben, "
            "melden Sie sich an.",
        ),
    },
)

WORDS: Mapping[str, Words] = {"en": _ENGLISH, "de": _GERMAN}
"""The words of each language; the first one is for those who read none of them."""
