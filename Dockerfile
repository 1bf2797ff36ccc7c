# partner-intake with its stores elsewhere (DATABASE_URL, REDIS_URL): see docker-compose.yml.
# Node is the version that package.json pins for everybody else; a test keeps the two equal.
FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image brings Node and DATABASE_URL brings PostgreSQL: the npm copies of both (an install script, optional packages) stay out.
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
    VAR_DIR=/app/var \
    CONSOLE_HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY policy policy
COPY templates templates
COPY workers workers
COPY src src
# The only folder that is written to; a volume that is mounted here takes over its owner.
RUN mkdir var && chown node:node var
USER node
EXPOSE 8025
STOPSIGNAL SIGTERM
# Run it with an init (docker run --init, init: true): process 1 has to reap what others leave.
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "src/main.ts"]
CMD ["start"]
