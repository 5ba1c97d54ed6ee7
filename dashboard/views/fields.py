"""Fields that several forms share. What is typed passes the one gate of `rules.text` here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import abort, current_app, request, url_for
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    EmailField,
    Field,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from dashboard import passwords
from dashboard.actions.writing import Refused
from dashboard.rules import text


def line(label: str, most: int = text.LINE, required: str = "", **more: Any) -> Field:
    """One line of text; ``required`` is the sentence for an empty one."""
    rules = [DataRequired(required) if required else Optional(), _at_most(most)]
    return StringField(label, rules, filters=[_cleaned(text.clean_line)], render_kw={"maxlength": most}, **more)


def body(label: str, most: int = text.BODY, rows: int = 3, required: str = "") -> Field:
    """Several lines of text."""
    rules = [DataRequired(required) if required else Optional(), _at_most(most)]
    return TextAreaField(label, rules, filters=[_cleaned(text.clean)], render_kw={"rows": rows, "maxlength": most})


def link(label: str, is_page: bool = False) -> Field:
    """An address that may stand in a page: http, https, mailto or tel; of a page the first two alone."""
    rules = [Optional(), _at_most(text.ADDRESS), _is_page if is_page else _is_link]
    return StringField(label, rules, filters=[_cleaned(text.clean_line)], render_kw={"inputmode": "url"})


def path(label: str) -> Field:
    """Where a page is on the website; a slash at its end is as good as none."""
    rules = [Optional(), _at_most(text.LINE), _is_path]
    typed = {"maxlength": text.LINE, "autocapitalize": "none", "spellcheck": "false"}
    return StringField(label, rules, filters=[_cleaned(_without_last_slash)], render_kw=typed)


def past_day(label: str, today: Callable[[], date]) -> Field:
    """A day that is not to come."""
    sentence = "Give a day, like 21 November 2026."
    return DateField(label, [Optional(), _is_past(today)], invalid_value_message=sentence)


def minutes(label: str, low: int, high: int) -> Field:
    sentence = f"Give whole minutes, from {low} to {high}."
    return IntegerField(label, [InputRequired(sentence), NumberRange(low, high, sentence)])


def key(label: str, required: bool = True, may_be_capital: bool = False) -> Field:
    """A key: lower-case letters, digits and underscores. Not ``required`` of the person in a `KeyedForm`."""
    keyboard = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
    return StringField(
        label,
        [DataRequired("Give it a key, like direct_deposit."), _is_component_key if may_be_capital else _is_key],
        filters=[_cleaned(text.clean_line)],
        render_kw={**keyboard, "maxlength": 100, "required": required},
    )


def not_a_screen(endpoint: str, **row: Any) -> None:
    """A thing's own page must be where its key leads, and no other screen."""
    if current_app.url_map.bind("").match(url_for(endpoint, **row))[0] != endpoint:
        (key,) = row.values()
        raise ValidationError(f"“{key}” is a screen here. Choose another, like {key}_{endpoint.split('s.')[0]}.")


def email(label: str = "E-mail address") -> Field:
    """An address, in lower case."""
    return EmailField(
        label,
        [InputRequired("Give an e-mail address."), _at_most(text.LINE), _is_email],
        filters=[_cleaned(lambda typed: text.clean_line(typed).lower())],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


def new_password(label: str = "Password") -> Field:
    """Long rather than odd: it may hold anything."""
    short = f"Make it {passwords.SHORTEST} characters or more. Three or four words will do."
    rules = [InputRequired("Give a password."), Length(min=passwords.SHORTEST, message=short), _is_varied]
    return PasswordField(label, [*rules, _at_most(passwords.LONGEST)], render_kw={"autocomplete": "new-password"})


def ticks(label: str) -> Field:
    """Rows to tick, by id; the view gives the ``choices``, and nothing else is taken."""
    sentence = "Choose from this list."
    return SelectMultipleField(label, coerce=int, invalid_value_message=sentence, invalid_choice_message=sentence)


def blame(form: FlaskForm, refused: Refused) -> None:
    """What an action refused, at the field it names; above the form if it names none, or the form itself: sent again
    it is another one."""
    if refused.field == "once":
        form["once"].data = form["once"].default()
        form.form_errors.append(refused.sentence)
    elif refused.field in form:
        form[refused.field].errors = [*form[refused.field].errors, refused.sentence]
    else:
        form.form_errors.append(refused.sentence)


class OnceForm(FlaskForm):
    """A form that makes something: sent twice, it makes it once."""

    once = HiddenField(default=lambda: secrets.token_urlsafe(16), validators=[InputRequired(), Length(16, 40)])


class KeyedForm(FlaskForm):
    """A form with a name and a key: where nobody typed a key, the name gives one."""

    def validate(self, extra_validators: Any = None) -> bool:
        self["key"].data = self["key"].data or text.key_from(self["name"].data or "")
        return bool(super().validate(extra_validators))


class VersionForm(FlaskForm):
    """A form that changes something: it says which version of it was read."""

    version = HiddenField()

    def read_version(self) -> int:
        """The version that the person saw; a form that does not say is out of date (428)."""
        return _version(str(self.version.data or ""))


def version_of_request() -> int:
    """For forms of one button: the version they carry."""
    return _version(request.form.get("version", ""))


def _version(given: str) -> int:
    version = text.whole_number(given, 2**31 - 1)
    return abort(428) if version is None else version


def _cleaned(clean: Any) -> Any:
    return lambda value: clean(value) if isinstance(value, str) else value


def _without_last_slash(typed: str) -> str:
    line = text.clean_line(typed)
    return line.rstrip("/") or line[:1]


def _at_most(most: int) -> Length:
    return Length(max=most, message=f"Shorten this to {most} characters.")


def _is_email(_: FlaskForm, field: Field) -> None:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", field.data or ""):
        raise ValidationError("Give an address like ada@example.org.")


def _is_varied(_: FlaskForm, field: Field) -> None:
    if len(set(field.data)) < 5:
        raise ValidationError("Use more different characters.")


def _is_link(_: FlaskForm, field: Field) -> None:
    if not text.is_link(field.data):
        raise ValidationError("Give an address that begins with https://, mailto: or tel:.")


def _is_page(_: FlaskForm, field: Field) -> None:
    if not text.is_link(field.data) or not field.data.startswith(("https://", "http://")):
        raise ValidationError("Give an address that begins with https://.")


def _is_past(today: Callable[[], date]) -> Callable[[FlaskForm, Field], None]:
    def check(_: FlaskForm, field: Field) -> None:
        if field.data and not date(2000, 1, 1) <= field.data <= today():
            raise ValidationError("Give a day from 2000 until today.")

    return check


def _is_key(_: FlaskForm, field: Field) -> None:
    if not text.is_key(field.data or ""):
        raise ValidationError("Use lower-case letters, digits and underscores only, like direct_deposit.")


def _is_component_key(_: FlaskForm, field: Field) -> None:
    if not text.is_component_key(field.data or ""):
        raise ValidationError("Use letters, digits and underscores only, like payments or LEDGER_CORE.")


def _is_path(_: FlaskForm, field: Field) -> None:
    if not text.is_path(field.data):
        raise ValidationError("Give the part of the address after the website’s name, like /account/payments.")
