"""A user service as it is written at first: entities, marshmallow, OFFSET pages, exact counts.

Nothing looks whether a session was ended; a refresh token is good for as long as it lives.
"""

import os
import sys
from datetime import UTC, datetime

from flask import Flask, jsonify, request
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_jwt_identity,
    jwt_required,
)
from flask_sqlalchemy import SQLAlchemy
from marshmallow import Schema, fields
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
app.config.update(
    SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"],
    SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True, "pool_size": 10},
    JWT_SECRET_KEY=os.environ["SECRET_KEY"],
)
db = SQLAlchemy(app)
JWTManager(app)


class User(db.Model):
    __tablename__ = "users"

    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(254), unique=True, nullable=False)
    password_hash = db.Column(db.String(255), nullable=False)
    first_name = db.Column(db.String(100), nullable=False)
    last_name = db.Column(db.String(100), nullable=False)
    role = db.Column(db.String(16), nullable=False, default="user")
    is_active = db.Column(db.Boolean, nullable=False, default=True)
    created_at = db.Column(db.DateTime(timezone=True), default=lambda: datetime.now(UTC))
    updated_at = db.Column(db.DateTime(timezone=True), onupdate=lambda: datetime.now(UTC))


class UserSchema(Schema):
    id = fields.Integer()
    email = fields.Email()
    first_name = fields.String()
    last_name = fields.String()
    role = fields.String()
    is_active = fields.Boolean()
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


one, many = UserSchema(), UserSchema(many=True)


def caller() -> User:
    return db.get_or_404(User, int(get_jwt_identity()))


@app.post("/auth/login")
def login():
    body = request.get_json()
    user = User.query.filter_by(email=body["email"]).first()
    if user is None or not check_password_hash(user.password_hash, body["password"]):
        return jsonify(message="wrong address or password"), 401
    return jsonify(
        access_token=create_access_token(str(user.id)),
        refresh_token=create_refresh_token(str(user.id)),
    )


@app.post("/auth/refresh")
@jwt_required(refresh=True)
def refresh():
    user = caller()
    return jsonify(
        access_token=create_access_token(str(user.id)),
        refresh_token=create_refresh_token(str(user.id)),
    )


@app.post("/users")
def register():
    body = request.get_json()
    user = User(
        email=body["email"],
        password_hash=generate_password_hash(body["password"]),
        first_name=body["first_name"],
        last_name=body["last_name"],
    )
    db.session.add(user)
    db.session.commit()
    return one.dump(user), 201


@app.get("/users")
@jwt_required()
def users():
    page = int(request.args.get("page", 1))
    per_page = min(int(request.args.get("per_page", 20)), 100)
    query = User.query.filter_by(is_active=True)
    if word := request.args.get("q"):
        pattern = f"%{word}%"
        query = query.filter(
            db.or_(
                User.email.ilike(pattern),
                User.first_name.ilike(pattern),
                User.last_name.ilike(pattern),
            )
        )
    found = query.order_by(User.created_at.desc()).paginate(page=page, per_page=per_page)
    return {"users": many.dump(found.items), "total": found.total, "pages": found.pages}


@app.get("/users/me")
@jwt_required()
def me():
    return one.dump(caller())


@app.get("/users/<int:user_id>")
@jwt_required()
def user(user_id):
    caller()
    return one.dump(db.get_or_404(User, user_id))


@app.patch("/users/me")
@jwt_required()
def patch():
    user = caller()
    for name, value in request.get_json().items():
        setattr(user, name, value)
    db.session.commit()
    return one.dump(user)


@app.get("/ready")
def ready():
    return "ready"


if __name__ == "__main__":
    with app.app_context():
        db.create_all()
    sys.stdout.write(generate_password_hash(sys.argv[1]))
