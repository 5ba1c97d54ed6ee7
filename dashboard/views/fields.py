"""Fields that several forms share. What is typed passes the one gate of `rules.text` here."""

from __future__ import annotations

import secrets
from typing import Any

from flask import abort, request
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

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


def link(label: str) -> Field:
    """An address that may stand in a page: http, https, mailto or tel."""
    rules = [Optional(), _at_most(text.ADDRESS), _is_link]
    return StringField(label, rules, filters=[_cleaned(text.clean_line)], render_kw={"inputmode": "url"})


def minutes(label: str, low: int, high: int) -> Field:
    sentence = f"Give whole minutes, from {low} to {high}."
    return IntegerField(label, [InputRequired(sentence), NumberRange(low, high, sentence)])


def key(label: str) -> Field:
    """A key: lower-case letters, digits and underscores."""
    return StringField(
        label,
        [InputRequired("Give it a key, like direct_deposit."), _is_key],
        filters=[_cleaned(text.clean_line)],
        render_kw={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false", "maxlength": 100},
    )


def ticks(label: str) -> Field:
    """Rows to tick, by id; the view gives the ``choices``, and nothing else is taken."""
    sentence = "Choose from this list."
    return SelectMultipleField(label, coerce=int, invalid_value_message=sentence, invalid_choice_message=sentence)


def blame(form: FlaskForm, refused: Refused) -> None:
    """What an action refused, at the field it names; above the form if it names none."""
    if refused.field in form:
        form[refused.field].errors = [*form[refused.field].errors, refused.sentence]
    else:
        form.form_errors.append(refused.sentence)


class OnceForm(FlaskForm):
    """A form that makes something: sent twice, it makes it once."""

    once = HiddenField(default=lambda: secrets.token_urlsafe(16), validators=[InputRequired(), Length(16, 40)])


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
    if not given.isdigit() or len(given) > 9:
        abort(428)
    return int(given)


def _cleaned(clean: Any) -> Any:
    return lambda value: clean(value) if isinstance(value, str) else value


def _at_most(most: int) -> Length:
    return Length(max=most, message=f"Shorten this to {most} characters.")


def _is_link(_: FlaskForm, field: Field) -> None:
    if not text.is_link(field.data):
        raise ValidationError("Give an address that begins with https://, mailto: or tel:.")


def _is_key(_: FlaskForm, field: Field) -> None:
    if not text.is_key(field.data or ""):
        raise ValidationError("Use lower-case letters, digits and underscores only, like direct_deposit.")
