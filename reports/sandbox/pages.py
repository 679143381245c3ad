import flask
blueprint = flask.Blueprint("pages", __name__)
